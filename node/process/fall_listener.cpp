#include "node/process/fall_listener.hpp"
#include "actors/base/fallen_actors.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace hublink {

namespace {

using namespace std::string_view_literals;

constexpr std::array essential_actors{"supervisor"sv, "journal"sv,  "route_resolver"sv, "job_keeper"sv,
                                      "dispatcher"sv, "sessions"sv, "spool_keeper"sv,   "gateway"sv};

} // namespace

fall_listener::fall_listener(supervisor_actor supervisor) : supervisor_(std::move(supervisor)) {
  fallen_actors::of_process().listen(
      [this](const std::string& actor, const std::string& why) { take(actor, why); });
}

fall_listener::~fall_listener() { fallen_actors::of_process().listen({}); }

std::optional<failure> fall_listener::lost() const {
  std::lock_guard guard{lock_};
  return lost_;
}

void fall_listener::take(const std::string& actor, const std::string& why) {
  spdlog::error("a part of this node, {}, failed by a mistake of the program: {}", actor, why);
  if (std::ranges::find(essential_actors, actor) == essential_actors.end()) return;
  std::lock_guard guard{lock_};
  if (!lost_) lost_ = failure{errc::failed, {}, "its " + actor + " failed (" + why + "); start it again"};
  caf::anon_send(supervisor_, stop_atom_v);
}

} // namespace hublink
