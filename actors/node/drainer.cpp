#include "actors/node/drainer.hpp"
#include "actors/base/current_work.hpp"
#include "actors/ports/gateway_plane.hpp"

#include <algorithm>

namespace hublink {

namespace {

using namespace std::chrono_literals;

constexpr auto heard_first = 200ms; ///< who asked hears of the end before the node's sockets close

std::size_t open_streams(const gateway_report& report) {
  return std::size_t(std::ranges::count_if(report.streams, [](const auto& each) { return !each.udp; }));
}

} // namespace

drainer_actor::behavior_type drainer_state::start(environment_ptr env, supervisor_actor node,
                                                  node_services with) {
  env_ = std::move(env);
  node_ = std::move(node);
  with_ = std::move(with);
  return {
      [this](drain_atom, std::chrono::milliseconds longest) { return drain(longest); },
      [this](caf::tick_atom) { look(); },
  };
}

caf::result<drain_report> drainer_state::drain(std::chrono::milliseconds longest) {
  if (over_) return *over_;
  auto reply = self_->make_response_promise<drain_report>();
  askers_.emplace_back(reply);
  until_ = self_->clock().now() + longest; // the last order counts
  self_->delayed_send(self_, longest, caf::tick_atom_v);
  if (!began_) start_draining();
  return reply;
}

void drainer_state::start_draining() {
  began_ = self_->clock().now();
  auto idle = [weak = caf::weak_actor_ptr{self_->ctrl()}] {
    if (auto alive = weak.lock()) caf::anon_send(caf::actor_cast<drainer_actor>(alive), caf::tick_atom_v);
  };
  if (with_.gateway) env_->gateways->drain(idle);
  env_->work->drain(idle);
}

void drainer_state::look() {
  if (over_) return;
  if (!with_.gateway) return judge(0);
  self_->request(*with_.gateway, caf::infinite, gateways_atom_v)
      .then([this](const gateway_report& report) { judge(open_streams(report)); },
            [this](const caf::error&) { judge(0); }); // it fell: its streams with it
}

void drainer_state::judge(std::size_t streams) {
  const auto left = env_->work->pieces() + streams;
  if (!over_ && (left == 0 || self_->clock().now() >= *until_)) finish(left);
}

void drainer_state::finish(std::size_t left) {
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(self_->clock().now() - *began_);
  over_ = drain_report{.left = left, .took = took};
  for (auto& asker : askers_) asker.deliver(*over_);
  askers_.clear();
  self_->delayed_send(node_, heard_first, stop_atom_v);
}

} // namespace hublink
