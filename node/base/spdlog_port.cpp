#include "node/base/spdlog_port.hpp"

#include <spdlog/spdlog.h>

namespace hublink {

namespace {

spdlog::level::level_enum level_of(log_level level) {
  switch (level) {
  case log_level::info:
    return spdlog::level::info;
  case log_level::warning:
    return spdlog::level::warn;
  case log_level::error:
    break;
  }
  return spdlog::level::err;
}

} // namespace

void spdlog_port::write(const log_entry& entry) {
  spdlog::log(level_of(entry.level), "{}", to_string(entry));
}

} // namespace hublink
