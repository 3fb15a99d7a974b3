#pragma once
/// Faults on demand, for tests: a node that strikes itself at a named instruction (docs/reference/faults.md).
#include "protocol/base/errors.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hublink::fault_point {

/// SIGKILL; SIGSTOP; the thread stands still for ever; it throws, as no code should.
enum class action : std::uint8_t { kill, stop, hang, fall };
inline constexpr std::array<std::string_view, 4> actions{"kill", "stop", "hang", "throw"};

struct fault {
  std::string point;
  std::uint64_t at = 1; ///< the Nth time; bytes where the point counts bytes
  action what = action::kill;

  bool operator==(const fault&) const = default;
};

/// All points that exist; those that end in `-bytes` count bytes.
std::span<const std::string_view> points();

/// `POINT[:N][=kill|stop|hang|throw]`; N is needed where bytes are counted. Fails with `bad_config`.
outcome<fault> parse(std::string_view text);

/// Takes the value of `HUBLINK_FAULT`; null: no fault. Call once, before there are threads.
outcome<> arm(const char* text);

// Thread-safe, and nothing unless armed for that point.
void reach(std::string_view point);
/// Strikes once, when `bytes`, a total so far, is N or more.
void reach(std::string_view point, std::uint64_t bytes);

} // namespace hublink::fault_point
