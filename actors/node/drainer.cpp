#include "actors/node/drainer.hpp"
#include "actors/base/current_work.hpp"
#include "actors/ports/gateway_plane.hpp"

#include <algorithm>

namespace hublink {

namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 100ms;
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
      [this](drain_atom, std::chrono::milliseconds longest) -> caf::result<drain_report> {
        auto reply = self_->make_response_promise<drain_report>();
        askers_.emplace_back(reply);
        until_ = self_->clock().now() + longest; // the last order counts
        if (!began_) start_draining();
        return reply;
      },
      [this](caf::tick_atom) { look(); },
  };
}

void drainer_state::start_draining() {
  began_ = self_->clock().now();
  env_->work->drain();
  if (with_.gateway) env_->gateways->drain();
  look();
}

void drainer_state::look() {
  if (!with_.gateway) return judge(0);
  self_->request(*with_.gateway, caf::infinite, gateways_atom_v)
      .then([this](const gateway_report& report) { judge(open_streams(report)); },
            [this](const caf::error&) { judge(0); }); // it fell: its streams with it
}

void drainer_state::judge(std::size_t streams) {
  const auto left = env_->work->pieces() + streams;
  if (left == 0 || self_->clock().now() >= *until_) return finish(left);
  self_->delayed_send(self_, look_every, caf::tick_atom_v);
}

void drainer_state::finish(std::size_t left) {
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(self_->clock().now() - *began_);
  for (auto& asker : askers_) asker.deliver(drain_report{left, took});
  askers_.clear();
  self_->delayed_send(node_, heard_first, stop_atom_v);
}

} // namespace hublink
