#include "node/commands/plan_view.hpp"

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

} // namespace hublink
