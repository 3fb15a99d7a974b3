#include "node/definition/transfer_plan.hpp"
#include "node/definition/definition_json.hpp"
#include "node/topology/broadcast_point.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

/// One destination is a string, several are a list, as in events.
json told_json(const open& request) {
  json value;
  if (request.file) value["file"] = *request.file;
  if (request.destination.size() == 1) value["destination"] = request.destination.front();
  if (request.destination.size() > 1) value["destination"] = request.destination;
  if (request.source) value["source"] = *request.source;
  return value;
}

json step_json(const walk_step& step) {
  json value{{"node", step.node}, {"host", step.chosen.host}};
  if (step.chosen.address) value["address"] = to_string(*step.chosen.address);
  value["hop"] = step.chosen.hop;
  if (step.dialled) value["dialled"] = to_string(*step.dialled);
  value["by"] = to_string(step.chosen.by);
  value["told"] = told_json(step.request);
  if (!step.fallback.empty()) value["fallback"] = step.fallback;
  return value;
}

} // namespace

outcome<transfer_plan> plan_transfer(const topology& net, const std::string& file) {
  auto found = net.transfers.find(file);
  if (found == net.transfers.end()) {
    std::string known;
    for (const auto& [name, transfer] : net.transfers) known += (known.empty() ? "" : ", ") + name;
    return {errc::unknown_file,
            "there is no transfer " + file + "; known: " + (known.empty() ? "none" : known)};
  }
  transfer_plan plan;
  plan.file = file;
  plan.transfer = found->second;
  if (auto choice = choose_broadcast_point(net, network_graph{net}, found->second)) {
    plan.point = choice->point();
    plan.point_why = choice->why();
  }
  const auto nodes = compile_all(net);
  auto by_topology = [&](const std::string& host) -> std::optional<ip_address> {
    auto* node = net.find(host);
    if (!node || !node->address) return {};
    return node->address->known_address();
  };
  const auto& sender = found->second.from;
  plan.way = walk(nodes, sender, *first_open(nodes.at(sender), file), by_topology);
  for (const auto& step : plan.way.steps)
    if (nodes.at(step.node).system_resolver &&
        (plan.ask_system.empty() || plan.ask_system.back() != step.node))
      plan.ask_system.push_back(step.node);
  return plan;
}

json json_of(const transfer_plan& plan) {
  json value{{"file", plan.file},
             {"from", plan.transfer.from},
             {"to", plan.transfer.to},
             {"placement", plan.transfer.manual ? "manual" : "auto"}};
  if (!plan.point.empty()) value["broadcast_point"] = {{"server", plan.point}, {"why", plan.point_why}};
  value["steps"] = json::array();
  for (const auto& step : plan.way.steps) value["steps"].push_back(step_json(step));
  if (!plan.ask_system.empty()) value["ask_system"] = plan.ask_system;
  value["arrived"] = plan.way.arrived;
  value["failures"] = json::array();
  for (const auto& why : plan.way.failures)
    value["failures"].push_back({{"code", to_string(why.code)}, {"hop", why.hop}, {"text", why.text}});
  return value;
}

json json_of_plan(const topology& net) {
  json answer{{"network", net.network}, {"nodes", json::object()}};
  for (const auto& [name, self] : compile_all(net)) answer["nodes"][name] = json_of(self);
  return answer;
}

} // namespace hublink
