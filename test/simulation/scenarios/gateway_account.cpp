/// What must hold of gateways at the end of every run.
#include "simulation/network/invariants.hpp"

#include <set>

namespace hublink::sim {

namespace {

using namespace std::chrono_literals;

/// What broke before the network was healed is noticed by its hubs.
constexpr duration hub_time = 30s;
/// Applications of before have ended, dead links are noticed (40 s), and those kept are dialled again (30 s,
/// and a dial's own time).
constexpr duration recovery_limit = 2min;
/// Longer than the longest pause between two dials.
constexpr duration watch_time = 40s;

class gateway_inspection {
 public:
  explicit gateway_inspection(universe& on) : on_(on) {
    for (auto& [name, node] : on.nodes())
      for (const auto& gateway : node->self().proxy.gateways)
        if (node->self().proxy.enabled) gateways_.insert(gateway.name), servers_.insert(name);
  }

  std::vector<std::string> run() {
    if (gateways_.empty()) return {};
    on_.in.run_for(hub_time);
    if (!on_.in.run_until([this] { return on_.gateways_at_rest(); }, recovery_limit)) say_what_is_missing();
    use_each();
    watch();
    switch_off();
    for (const auto& each : on_.applications.wrong()) wrong(each);
    return std::move(found_);
  }

 private:
  void wrong(std::string what) { found_.push_back(std::move(what)); }

  void say_what_is_missing() {
    for (const auto& name : servers_)
      for (const auto& peer : on_.at(name).self().proxy.kept)
        wrong(name + " has " + std::to_string(on_.at(name).gateways().links_to(peer)) + " links to " + peer +
              ", which has " + std::to_string(on_.at(peer).gateways().links_to(name)));
    for (const auto& [number, connection] : on_.applications.all())
      if (!connection.over())
        wrong("connection " + std::to_string(number) + " through " + connection.gateway +
              " does not end: " + std::string{to_string(connection.at_calling.state)} + ", " +
              std::string{to_string(connection.at_called.state)});
  }

  void use_each() {
    std::vector<std::uint64_t> asked;
    for (const auto& name : gateways_) asked.push_back(on_.connect(name, 3'000, 5'000));
    on_.in.run_until([this] { return on_.applications.under_way() == 0; }, want_limit);
    for (auto number : asked)
      if (const auto& connection = on_.applications.at(number);
          connection.at_calling.state != app_state::done || connection.at_called.state != app_state::done)
        wrong("a healed network does not carry " + connection.gateway + ": " +
              std::string{to_string(connection.at_calling.state)} + " " + connection.reason);
  }

  void watch() {
    auto before = dials();
    on_.in.run_for(watch_time);
    if (dials() != before) wrong("gateway links are dialled though all are up");
    if (!on_.gateways_at_rest()) wrong("gateway links do not stay up");
  }

  void switch_off() {
    for (const auto& name : servers_) on_.at(name).define(without_proxy(on_.at(name).self()));
    on_.in.run_for(1s);
    auto before = dials();
    for (const auto& name : servers_) on_.at(name).gateways().close_links();
    on_.in.run_for(watch_time);
    if (dials() != before) wrong("gateway links are dialled though the proxy function is off");
    for (const auto& name : servers_)
      if (on_.at(name).gateways().links() > 0) wrong(name + " has gateway links when all are closed");
  }

  int dials() {
    int all = 0;
    for (const auto& name : servers_) all += gateway_dials(on_, name);
    return all;
  }

  universe& on_;
  std::set<std::string> gateways_, servers_;
  std::vector<std::string> found_;
};

} // namespace

int gateway_dials(universe& on, const std::string& server) {
  std::map<transfer_id, bool> begun_here;
  for (const auto& entry : on.events.all())
    if (entry.node == server && !entry.transfer.empty()) // a sum of refusals is of none
      begun_here.try_emplace(entry.transfer, !std::holds_alternative<event::told>(entry.what));
  int dials = 0;
  for (const auto& [id, here] : begun_here) dials += here;
  return dials;
}

std::vector<std::string> gateway_account(universe& on) { return gateway_inspection{on}.run(); }

} // namespace hublink::sim
