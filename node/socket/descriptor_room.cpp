#include "node/socket/descriptor_room.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>

namespace hublink {

namespace {

/// Without another one for so long, a shortage is over.
constexpr std::chrono::minutes shortage_lasts{1};

constexpr std::array kind_texts{"applications", "nodes", "commands"};

} // namespace

bool leaves_room(int descriptor, entrance_kind of, std::uint64_t most) {
  const auto for_control = std::clamp<std::uint64_t>(most / 32, 4, 16);
  const auto for_nodes = std::clamp<std::uint64_t>(most / 8, 8, 128);
  const auto kept = of == entrance_kind::control ? 0
                    : of == entrance_kind::node  ? for_control
                                                 : for_control + for_nodes;
  return std::uint64_t(descriptor) + kept < most;
}

bool leaves_room(int descriptor, entrance_kind of) {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) != 0 || leaves_room(descriptor, of, limit.rlim_cur);
}

void note_shortage(entrance_kind of, const std::string& why) {
  using clock = std::chrono::steady_clock;
  static std::mutex lock;
  static std::array<clock::time_point, kind_texts.size()> last{};
  std::lock_guard guard{lock};
  const auto before = std::exchange(last[std::size_t(of)], clock::now());
  if (before != clock::time_point{} && clock::now() - before < shortage_lasts) return;
  spdlog::warn(
      "connections of {} wait or are turned away: {}; raise the limit of open files (LimitNOFILE, ulimit -n)",
      kind_texts[std::size_t(of)], why);
}

} // namespace hublink
