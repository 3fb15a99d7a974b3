#include "node/requests/node_requests.hpp"
#include "node/requests/definition_requests.hpp"
#include "node/requests/gateway_json.hpp"
#include "node/requests/local_request.hpp"

#include <algorithm>
#include <array>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

// -- status

void finish_status(local_request& work, json shape) {
  transfer_query unfinished;
  unfinished.finished = false;
  unfinished.limit = 1'000'000;
  work.ask(
      work.services().node.journal,
      [&work, shape](std::vector<transfer_record>& found) mutable {
        std::erase_if(found, [&](const auto& record) { return !work.may_touch(record.file); });
        auto queued = std::count_if(found.begin(), found.end(), [](const auto& record) {
          return record.state == transfer_state::queued;
        });
        shape["transfers"] = {{"queued", queued}, {"running", std::int64_t(found.size()) - queued}};
        work.finish({{"status", std::move(shape)}});
      },
      unfinished);
}

void status(local_request& work) {
  work.ask(
      work.services().supervisor,
      [&work](const node_status& status) {
        auto self = work.services().self.now();
        json shape{{"node", self->node},
                   {"role", to_string(self->role)},
                   {"network", self->network},
                   {"address", to_string(self->address)},
                   {"links", json::array()}};
        for (const auto& link : status.links) shape["links"].push_back(to_json(link));
        if (status.held) shape["held"] = true;
        if (work.services().definitions)
          shape["definition"] = definition_status(*work.services().definitions);
        finish_status(work, std::move(shape));
      },
      status_atom_v);
}

/// Servers answer with rows of their clients and their own, clients with their own status.
json join_status(const gathered_answers& all) {
  auto rows = all.rows("nodes");
  for (const auto& answer : all.answers)
    if (answer.contains("status")) rows.push_back(answer["status"]);
  std::sort(rows.begin(), rows.end(),
            [](const json& a, const json& b) { return a.value("node", "") < b.value("node", ""); });
  json nodes(rows);
  if (all.services.definitions) note_drift(*all.services.definitions, nodes);
  return {{"nodes", std::move(nodes)}};
}

// -- ping, hold, release, rate

void ping(local_request& work) {
  work.ask(
      work.services().supervisor,
      [&work](const ping_report& report) {
        work.finish({{"ping", to_json(report)}});
      },
      ping_host_atom_v, work.text("host"));
}

template <bool on>
void hold(local_request& work) {
  auto* dispatcher = work.dispatcher();
  if (!dispatcher) return;
  work.ask(
      *dispatcher,
      [&work](bool held) {
        work.finish({{"held", held}});
      },
      hold_atom_v, on);
}

void change_rate(local_request& work) {
  auto transfer = work.text("transfer");
  auto rate = work.request().value("rate", std::uint64_t(0));
  if (transfer.empty()) {
    caf::anon_send(work.services().supervisor, rate_atom_v, rate);
    return work.finish(json::object());
  }
  auto done = [&work, transfer](bool known) {
    if (known) return work.finish(json::object());
    work.fail({errc::bad_config, work.here(),
               "transfer " + transfer + " is neither queued nor running here; see hublink transfers"});
  };
  const auto& dispatcher = work.services().node.dispatcher;
  if (!dispatcher) return done(false);
  work.ask(*dispatcher, done, rate_atom_v, transfer, rate);
}

// -- gateways, streams

template <class Then>
void ask_gateway(local_request& work, Then then) {
  const auto& gateway = work.services().node.gateway;
  if (!gateway) return then(gateway_report{});
  work.ask(*gateway, then, gateways_atom_v);
}

void list_gateways(local_request& work) {
  ask_gateway(work, [&work](const gateway_report& report) {
    work.finish({{"gateways", gateways_json(report)}});
  });
}

void list_streams(local_request& work) {
  ask_gateway(work, [&work, closed = work.request().value("closed", false)](const gateway_report& report) {
    work.finish({{"streams", streams_json(report, closed)}});
  });
}

} // namespace

std::span<const verb> node_verbs() {
  using enum right;
  static constexpr std::array rows{
      verb{"status", {view, subject::none}, verb_scope::network, run<status>, join_status},
      verb{"ping", {view, subject::none}, verb_scope::here, run<ping>},
      verb{"hold", {manage, subject::node}, verb_scope::client, run<hold<true>>},
      verb{"release", {manage, subject::node}, verb_scope::client, run<hold<false>>},
      verb{"rate", {manage, subject::node}, verb_scope::here, run<change_rate>},
      verb{"gateways", operator_alone, verb_scope::here, run<list_gateways>},
      verb{"streams", operator_alone, verb_scope::here, run<list_streams>},
  };
  return rows;
}

} // namespace hublink
