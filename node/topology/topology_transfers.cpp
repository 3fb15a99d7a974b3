#include "node/topology/topology_json.hpp"

namespace hublink {

namespace {

constexpr int most_priority = 100;
constexpr int longest_store = 366 * 86'400;

std::optional<std::string> read_path(json_fields& fields) {
  auto path = fields.text("path");
  if (!path) return {};
  if (path->empty() || path->back() == '/' || path->find('\0') != path->npos) {
    fields.note("path", "must name a file, relative to the node's data directory or absolute");
    return {};
  }
  return path;
}

/// The common path, and entries of single receivers beside it.
void read_receive(json_fields& fields, topology_transfer& transfer, problems& found) {
  fields.object("receive", [&](json_fields& receive) {
    transfer.receive_path = read_path(receive);
    receive.each_name([&](const auto& name, const nlohmann::json& value, const auto& path) {
      if (name == "path") return;
      json_fields own{value, path, found};
      if (!value.is_object()) return;
      transfer.receive_paths[name] = read_path(own).value_or("");
      own.require("path", "write the path at " + name);
      own.finish();
    });
  });
}

} // namespace

std::optional<store_policy> read_store(json_fields& fields) {
  return fields.choice<store_policy>("store", {{"never", store_policy::never},
                                               {"when_unreachable", store_policy::when_unreachable},
                                               {"always", store_policy::always},
                                               {"only", store_policy::only}});
}

topology_transfer read_transfer(const nlohmann::json& value, const std::string& path, problems& found) {
  topology_transfer transfer;
  json_fields fields{value, path, found};
  if (!value.is_object()) return transfer;
  transfer.from = fields.name("from").value_or("");
  transfer.to = fields.name_list("to");
  transfer.manual = fields.choice<bool>("placement", {{"auto", false}, {"manual", true}}).value_or(false);
  transfer.via = fields.name_list("via");
  transfer.broadcast_at = fields.name("broadcast_at");
  fields.object("send", [&](json_fields& send) { transfer.send_path = read_path(send); });
  read_receive(fields, transfer, found);
  fields.object("retry", [&](json_fields& retry) {
    transfer.retry.count = retry.number("count", 0, 1000).value_or(transfer.retry.count);
    transfer.retry.every_s = retry.number("every_s", 1, 86'400).value_or(transfer.retry.every_s);
  });
  transfer.if_exists =
      fields.choice<if_exists>("if_exists", {{"replace", if_exists::replace}, {"refuse", if_exists::refuse}})
          .value_or(if_exists::replace);
  transfer.digest =
      fields.choice<digest_kind>("digest", {{"xxh128", digest_kind::xxh128}, {"sha256", digest_kind::sha256}})
          .value_or(digest_kind::xxh128);
  transfer.priority = fields.number("priority", -most_priority, most_priority).value_or(0);
  transfer.preempt = fields.flag("preempt").value_or(false);
  transfer.rate = fields.byte_rate("rate").value_or(0);
  transfer.stop_others =
      fields.choice<bool>("on_error", {{"continue", false}, {"stop_others", true}}).value_or(false);
  transfer.until_spooled =
      fields.choice<bool>("complete_when", {{"all", false}, {"spooled", true}}).value_or(false);
  transfer.store = read_store(fields).value_or(store_policy::never);
  transfer.store_s = fields.number("store_s", 1, longest_store);
  if (transfer.store_s && transfer.store == store_policy::never)
    fields.note("store_s", "has no effect: nothing is stored; add \"store\", or remove this");
  if (transfer.preempt && transfer.priority == -most_priority)
    fields.note("preempt", "has no effect: nothing has a lower priority; raise it, or remove this");
  fields.require("from", "name the client that sends");
  if (auto* to = fields.get("to"); to && to->is_array() && to->empty())
    fields.note("to", "is empty; name a client");
  fields.require("to", "list the clients that receive: [\"HOST2\"]");
  fields.finish();
  return transfer;
}

} // namespace hublink
