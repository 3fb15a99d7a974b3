#include "simulation/network/universe.hpp"

#include "node/topology/compiler.hpp"
#include "node/topology/topology_check.hpp"

#include <algorithm>
#include <stdexcept>

namespace hublink::sim {

namespace {

constexpr std::chrono::seconds answer_limit{30};
constexpr std::chrono::minutes outcome_limit{10};

topology must_parse(const std::string& text) {
  auto parsed = parse_and_check(text);
  std::string wrong;
  for (const auto& each : parsed.problems) wrong += to_string(each) + "\n";
  if (!wrong.empty()) throw std::runtime_error(wrong);
  return std::move(parsed.value);
}

} // namespace

bytes content_of(std::string_view text) {
  auto view = as_bytes(text);
  return {view.begin(), view.end()};
}

definition without_proxy(definition self) {
  self.proxy = {};
  return self;
}

universe::universe(std::uint64_t seed, const std::string& topology, bool keep_trace) : in(seed, keep_trace) {
  for (auto& [name, self] : compile_all(must_parse(topology)))
    nodes_.emplace(name, std::make_unique<sim_node>(net, events, applications, std::move(self)));
  actors_before_ = in.actors();
}

universe::~universe() {
  stop_all();
  in.forget_events();
}

void universe::start_all() {
  for (auto& [name, node] : nodes_) node->start();
  in.run_for(std::chrono::milliseconds{50});
}

void universe::repair() {
  in.note("-", "everything is repaired");
  net.all_lines_up();
  net.flipping = 0;
  for (auto& [name, node] : nodes_) {
    node->set_clock({});
    if (!node->running()) node->start();
  }
}

template <class T, class Handle, class... Ts>
std::optional<outcome<T>> universe::put(const Handle& to, Ts... question) {
  auto answer = std::make_shared<std::optional<outcome<T>>>();
  std::function<void(outcome<T>)> keep = [answer](outcome<T> got) { *answer = std::move(got); };
  ask<T>(in, to, answer_limit, keep, question...);
  in.run_until([&] { return answer->has_value(); }, answer_limit);
  return *answer;
}

std::optional<outcome<transfer_record>> universe::send(const std::string& from, const std::string& file) {
  return put<transfer_record>(*at(from).actors().dispatcher, send_atom_v, file);
}

std::optional<outcome<ping_report>> universe::ping(const std::string& from, const std::string& to) {
  return put<ping_report>(at(from).supervisor(), ping_order{to});
}

std::optional<outcome<load_report>> universe::load(const std::string& from, const std::string& to,
                                                   std::chrono::milliseconds time) {
  return put<load_report>(at(from).supervisor(), load_order{to, time, {}});
}

transfer_record universe::transfer(const std::string& from, const std::string& file) {
  auto begun = send(from, file);
  if (!begun) throw std::runtime_error(from + " did not answer");
  if (!*begun) throw std::runtime_error(to_string(begun->error()));
  auto id = (*begun)->transfer;
  in.run_until([&] { return sent(from, id) && is_final(sent(from, id)->state); }, outcome_limit);
  return *sent(from, id);
}

const transfer_record* universe::sent(const std::string& from, const transfer_id& transfer) {
  return at(from).journal().durable().find(transfer, transfer_side::sender);
}

const transfer_record* universe::received(const std::string& node, const transfer_id& transfer) {
  return at(node).journal().durable().find(transfer, transfer_side::receiver);
}

void universe::define(const std::string& topology) {
  for (auto& [name, self] : compile_all(must_parse(topology))) at(name).define(std::move(self));
}

std::uint64_t universe::connect(const std::string& gateway, std::uint64_t forth, std::uint64_t back) {
  app_connection made;
  made.gateway = gateway;
  made.forth = forth;
  made.back = back;
  for (const auto& [name, node] : nodes_)
    for (const auto& candidate : node->self().proxy.gateways)
      if (candidate.name == gateway) made.calling = candidate.calling, made.called = candidate.called;
  auto number = applications.begin(made);
  at(made.calling).connect(number);
  return number;
}

bool universe::gateways_at_rest() {
  if (applications.under_way() > 0) return false;
  for (auto& [name, node] : nodes_) {
    if (node->self().role != role::server) continue;
    for (const auto& peer : node->self().proxy.kept)
      if (node->gateways().links_to(peer) != 1 || at(peer).gateways().links_to(name) != 1) return false;
  }
  return true;
}

bool universe::any_sent(bool (*test)(transfer_state)) const {
  return std::any_of(nodes_.begin(), nodes_.end(), [test](const auto& each) {
    const auto& records = each.second->journal().durable().records;
    return std::any_of(records.begin(), records.end(), [test](const auto& row) {
      return row.second.side == transfer_side::sender && test(row.second.state);
    });
  });
}

bool universe::everything_final() const {
  return !any_sent([](transfer_state state) { return !is_final(state); });
}

bool universe::something_is_spooled() const {
  return any_sent([](transfer_state state) { return state == transfer_state::spooled; });
}

std::size_t universe::circuits() const {
  std::size_t total = 0;
  for (const auto& [name, node] : nodes_) total += node->circuits();
  return total;
}

bool universe::quiet(duration limit) {
  const auto deadline = in.now() + limit;
  while (in.run_until([this] { return circuits() == 0; }, deadline - in.now())) {
    in.run_for(
        std::chrono::seconds{1}); // a node that has just started asks once more for what is unconfirmed
    if (circuits() == 0) return true;
  }
  return false;
}

std::size_t universe::stop_all() {
  for (auto& [name, node] : nodes_) node->crash(true);
  in.settle();
  return in.actors() - actors_before_;
}

} // namespace hublink::sim
