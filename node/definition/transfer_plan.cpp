#include "node/definition/transfer_plan.hpp"
#include "node/definition/definition_json.hpp"
#include "node/topology/broadcast_point.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <map>
#include <memory>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

/// Of transfers in a message, for somebody who mistyped one.
constexpr std::size_t most_named = 20;

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

/// One line, however many there are.
std::string known_files(const topology& net) {
  std::string known;
  std::size_t shown = 0;
  for (const auto& [name, transfer] : net.transfers) {
    if (shown == most_named) return known + fmt::format(" and {} more", net.transfers.size() - shown);
    known += (shown++ ? ", " : "") + name;
  }
  return known.empty() ? "none" : known;
}

/// Made where a walk asks for them.
class definitions_on_the_way {
 public:
  explicit definitions_on_the_way(topology net) : compiler_(std::move(net)) {}

  definition_ptr at(const std::string& node) {
    if (!compiler_.net().find(node)) return {};
    auto& made = made_[node];
    if (!made) made = std::make_shared<const definition>(compiler_.compile(node));
    return made;
  }
  const topology& net() const { return compiler_.net(); }

 private:
  network_compiler compiler_;
  std::map<std::string, definition_ptr> made_;
};

} // namespace

outcome<transfer_plan> plan_transfer(topology net, const std::string& file) {
  auto found = net.transfers.find(file);
  if (found == net.transfers.end())
    return {errc::unknown_file, "there is no transfer " + file + "; known: " + known_files(net)};
  transfer_plan plan;
  plan.file = file;
  plan.transfer = found->second;
  if (auto choice = choose_broadcast_point(net, network_graph{net}, found->second)) {
    plan.point = choice->point();
    plan.point_why = choice->why();
  }
  // The others' are not looked at on its way.
  std::erase_if(net.transfers, [&](const auto& other) { return other.first != file; });
  definitions_on_the_way nodes{std::move(net)};
  auto by_topology = [&](const std::string& host) -> std::optional<ip_address> {
    auto* node = nodes.net().find(host);
    if (!node || !node->address) return {};
    return node->address->known_address();
  };
  const auto& sender = plan.transfer.from;
  definition_source source = [&](const std::string& node) { return nodes.at(node); };
  plan.way = walk(source, sender, *first_open(*nodes.at(sender), file), by_topology);
  for (const auto& step : plan.way.steps)
    if (nodes.at(step.node)->system_resolver &&
        (plan.ask_system.empty() || plan.ask_system.back() != step.node))
      plan.ask_system.push_back(step.node);
  return plan;
}

json json_of(const transfer_plan& plan) {
  json value{{"file", plan.file},
             {"from", plan.transfer.from},
             {"to", plan.transfer.to},
             {"placement", to_string(plan.transfer.placement)}};
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
