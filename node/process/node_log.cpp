#include "node/process/node_log.hpp"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace hublink {

namespace {
constexpr std::size_t most_bytes = 10 << 20, most_files = 3;
} // namespace

std::shared_ptr<spdlog::logger> start_log(const std::filesystem::path& data, const std::string& node) {
  auto file = std::make_shared<spdlog::sinks::rotating_file_sink_mt>((data / "hublink.log").string(),
                                                                     most_bytes, most_files);
  auto terminal = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  terminal->set_level(spdlog::level::warn);
  auto log = std::make_shared<spdlog::logger>(node, spdlog::sinks_init_list{file, terminal});
  log->flush_on(spdlog::level::info);
  spdlog::set_default_logger(log);
  return log;
}

} // namespace hublink
