#include "node/process/node_log.hpp"
#include "support/catch.hpp"

#include <spdlog/spdlog.h>

#include <fstream>
#include <iterator>
#include <unistd.h>

using namespace hublink;

TEST_CASE("the log that is handed on is the process's own, and in the node's directory") {
  auto data = std::filesystem::temp_directory_path() / ("hublink-log-test-" + std::to_string(::getpid()));
  std::filesystem::create_directories(data);
  auto before = spdlog::default_logger();
  auto log = start_log(data, "HOST1");
  CHECK(spdlog::default_logger() == log);
  log->info("handed on");
  spdlog::info("by default");
  spdlog::warn("from {}", "EVIL\n[2026] [error] not so\x1b]52;c;x\x07");
  spdlog::set_default_logger(before);
  std::ifstream file{data / "hublink.log"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  CHECK_THAT(text, Catch::Contains("[HOST1] [info] handed on\n") &&
                       Catch::Contains("[HOST1] [info] by default\n") &&
                       Catch::Contains("from EVIL\\u000a[2026] [error] not so\\u001b]52;c;x\\u0007\n"));
  std::filesystem::remove_all(data);
}
