#include "node/topology/transfer_reader.hpp"
#include "node/topology/shared_fields.hpp"
#include "node/topology/transfer_policy_json.hpp"

#include <filesystem>

namespace hublink {

namespace {

/// As `read_path`, and it stays where the node may look for files.
std::optional<std::string> read_contained_path(json_fields& fields) {
  auto path = read_path(fields);
  if (path && std::filesystem::path{*path}.is_relative() &&
      *std::filesystem::path{*path}.lexically_normal().begin() == "..")
    fields.note("path", "leads out of the node's data directory; write an absolute path, and its directory "
                        "in \"roots\" of that node's local.json");
  return path;
}

/// The common path, and entries of single receivers beside it.
void read_receive(json_fields& fields, topology_transfer& transfer, problems& found) {
  fields.object("receive", [&](json_fields& receive) {
    transfer.receive_path = read_contained_path(receive);
    receive.each_name([&](const auto& name, const nlohmann::json& value, const auto& path) {
      if (name == "path") return;
      json_fields own{value, path, found};
      if (!value.is_object()) return;
      transfer.receive_paths[name] = read_contained_path(own).value_or("");
      own.require("path", "write the path at " + name);
      own.finish();
    });
  });
}

} // namespace

topology_transfer read_transfer(const nlohmann::json& value, const std::string& path, problems& found) {
  topology_transfer transfer;
  json_fields fields{value, path, found};
  if (!value.is_object()) return transfer;
  transfer.from = fields.name("from").value_or("");
  transfer.to = fields.name_list("to");
  transfer.placement = fields
                           .choice<placing>("placement", {{"auto", placing::automatic},
                                                          {"manual", placing::manual},
                                                          {"direct", placing::direct}})
                           .value_or(placing::automatic);
  transfer.via = fields.name_list("via");
  transfer.broadcast_at = fields.name("broadcast_at");
  fields.object("send", [&](json_fields& send) { transfer.send_path = read_contained_path(send); });
  read_receive(fields, transfer, found);
  const auto& policy = transfer.policy;
  const auto read = read_policy(fields, transfer.policy);
  if (read.count("store_s") && policy.store == store_policy::never)
    fields.note("store_s", "has no effect: nothing is stored; add \"store\", or remove this");
  if (policy.preempt && policy.priority == least_priority)
    fields.note("preempt", "has no effect: nothing has a lower priority; raise it, or remove this");
  fields.require("from", "name the client that sends");
  if (auto* to = fields.get("to"); to && to->is_array() && to->empty())
    fields.note("to", "is empty; name a client");
  fields.require("to", "list the clients that receive: [\"HOST2\"]");
  fields.finish();
  return transfer;
}

} // namespace hublink
