#pragma once
/// Faults on demand, for tests: a node that kills or stops itself at a named instruction (docs/faults.md).
#include "protocol/base/errors.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hublink::fault_point {

enum class action : std::uint8_t { kill, stop }; ///< SIGKILL, SIGSTOP

struct fault {
  std::string point;
  std::uint64_t at = 1; ///< the Nth time; bytes where the point counts bytes
  action what = action::kill;

  bool operator==(const fault&) const = default;
};

/// All points that exist; those that end in `-bytes` count bytes.
std::span<const std::string_view> points();

/// `POINT[:N][=kill|stop]`; N is needed where bytes are counted. Fails with `bad_config`.
outcome<fault> parse(std::string_view text);

/// Takes the value of `HUBLINK_FAULT`; null: no fault. Call once, before there are threads.
outcome<> arm(const char* text);

// Thread-safe, and nothing unless armed for that point.
void reach(std::string_view point);
/// Strikes once, when `bytes`, a total so far, is N or more.
void reach(std::string_view point, std::uint64_t bytes);

} // namespace hublink::fault_point
