#include "node/process/node_log.hpp"

#include "protocol/base/utf8.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <mutex>

namespace hublink {

namespace {

constexpr std::size_t most_bytes = 10 << 20, most_files = 3;

/// An entry is one line, whatever another node had a part in: see printing.hpp.
class shown_formatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& entry, spdlog::memory_buf_t& to) override {
    auto text = shown_text({entry.payload.data(), entry.payload.size()});
    auto shown = entry;
    shown.payload = text;
    lines_.format(shown, to);
    entry.color_range_start = shown.color_range_start;
    entry.color_range_end = shown.color_range_end;
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<shown_formatter>(); }

 private:
  spdlog::pattern_formatter lines_;
};

/// A file of its name, whatever becomes of the one that was opened.
class log_file final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit log_file(std::string path) : path_(std::move(path)), file_(open()) {}

  void reopen() {
    std::lock_guard guard{mutex_};
    file_ = open();
    file_->set_formatter(formatter_->clone());
  }

 private:
  using file_sink = spdlog::sinks::rotating_file_sink_st;

  std::unique_ptr<file_sink> open() const {
    return std::make_unique<file_sink>(path_, most_bytes, most_files);
  }
  void sink_it_(const spdlog::details::log_msg& entry) override { file_->log(entry); }
  void flush_() override { file_->flush(); }
  void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override {
    file_->set_formatter(formatter->clone());
    formatter_ = std::move(formatter);
  }

  std::string path_;
  std::unique_ptr<file_sink> file_;
};

} // namespace

void reopen_log(const spdlog::logger& log) {
  for (const auto& sink : log.sinks())
    if (auto file = std::dynamic_pointer_cast<log_file>(sink)) file->reopen();
}

std::shared_ptr<spdlog::logger> start_log(const std::filesystem::path& data, const std::string& node) {
  auto file = std::make_shared<log_file>((data / "hublink.log").string());
  auto terminal = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  terminal->set_level(spdlog::level::warn);
  auto log = std::make_shared<spdlog::logger>(node, spdlog::sinks_init_list{file, terminal});
  log->set_formatter(std::make_unique<shown_formatter>());
  log->flush_on(spdlog::level::info);
  spdlog::set_default_logger(log);
  return log;
}

} // namespace hublink
