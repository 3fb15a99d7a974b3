#pragma once
/// The log port on spdlog's default logger.
#include "actors/ports/log_port.hpp"

namespace hublink {

class spdlog_port final : public log_port {
 public:
  void write(const log_entry& entry) override;
};

} // namespace hublink
