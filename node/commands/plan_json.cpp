#include "node/commands/plan_view.hpp"

#include <nlohmann/json.hpp>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

json server_json(const definition& self) {
  json value;
  if (self.segment) value["segment"] = to_string(*self.segment);
  value["neighbours"] = json::array();
  for (const auto& each : self.neighbours) {
    json row{{"name", each.name}, {"address", to_string(each.address)}, {"cost", each.cost}};
    if (each.segment) row["segment"] = to_string(*each.segment);
    value["neighbours"].push_back(std::move(row));
  }
  value["clients"] = json::array();
  for (const auto& each : self.clients) {
    json row{{"name", each.name}, {"role", to_string(each.role)}, {"address", to_string(each.address)}};
    if (each.dials_out) row["dial"] = "out";
    value["clients"].push_back(std::move(row));
  }
  value["routes"] = json::array();
  for (const auto& each : self.routes)
    value["routes"].push_back({{"network", to_string(each.network)},
                               {"via", each.via},
                               {"priority", each.priority},
                               {"own", each.explicit_route}});
  value["name_routes"] = self.name_routes;
  if (self.default_route) value["default_route"] = *self.default_route;
  for (const auto& network : self.managers_from) value["managers_from"].push_back(to_string(network));
  value["transfers"] = json::object();
  for (const auto& [file, known] : self.transfers) {
    auto& row = value["transfers"][file] = {{"next", known.next}};
    if (!known.sender.empty()) row["sender"] = known.sender;
    if (!known.receivers.empty()) row["receivers"] = known.receivers;
  }
  return value;
}

json client_json(const definition& self) {
  json value{{"home", self.home}, {"home_address", to_string(self.home_address)}};
  if (self.dials_out) value["dial"] = "out";
  value["sends"] = json::object();
  for (const auto& [file, known] : self.sends) {
    auto& row = value["sends"][file] = {{"path", known.path}};
    if (known.destination) row["destination"] = *known.destination;
    row["recipients"] = known.recipients;
    row["digest"] = known.digest == digest_kind::sha256 ? "sha256" : "xxh128";
    row["retry"] = {{"count", known.retry.count}, {"every_s", known.retry.every_s}};
    row["priority"] = known.priority;
    row["preempt"] = known.preempt;
    if (known.rate) row["rate"] = known.rate;
    if (known.stop_others) row["on_error"] = "stop_others";
    if (known.until_spooled) row["complete_when"] = "spooled";
  }
  value["receives"] = json::object();
  for (const auto& [file, known] : self.receives)
    value["receives"][file] = {{"path", known.path},
                               {"source", known.source},
                               {"if_exists", known.if_exists == if_exists::refuse ? "refuse" : "replace"}};
  return value;
}

/// One destination is a string, several are a list, as in events.
json told_json(const open& told) {
  json value;
  if (told.file) value["file"] = *told.file;
  if (told.destination.size() == 1) value["destination"] = told.destination.front();
  if (told.destination.size() > 1) value["destination"] = told.destination;
  if (told.source) value["source"] = *told.source;
  return value;
}

json step_json(const walk_step& step) {
  json value{{"node", step.node}, {"host", step.chosen.host}};
  if (step.chosen.address) value["address"] = to_string(*step.chosen.address);
  value["hop"] = step.chosen.hop;
  if (step.dialled) value["dialled"] = to_string(*step.dialled);
  value["by"] = to_string(step.chosen.by);
  value["told"] = told_json(step.told);
  if (!step.fallback.empty()) value["fallback"] = step.fallback;
  return value;
}

json limits_json(const node_limits& limits) {
  json value{{"transfers", limits.transfers},
             {"circuits", limits.circuits},
             {"pending_opens", limits.pending_opens},
             {"connections", limits.connections},
             {"checkpoint", limits.checkpoint_bytes},
             {"checkpoint_s", limits.checkpoint_ms / 1000.0},
             {"stall_s", limits.stall_s},
             {"keep_days", limits.keep_days},
             {"keep_partial_days", limits.keep_partial_days},
             {"spool", limits.spool_bytes}};
  if (limits.rate) value["rate"] = limits.rate;
  return value;
}

} // namespace

json json_of(const definition& self) {
  json value{{"role", to_string(self.role)}, {"address", to_string(self.address)}};
  value.update(self.role == role::server ? server_json(self) : client_json(self));
  if (self.system_resolver) value["resolver"] = "system";
  value["hosts"] = json::object();
  for (const auto& [name, address] : self.hosts) value["hosts"][name] = to_string(address);
  value["limits"] = limits_json(self.limits);
  return value;
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

} // namespace hublink
