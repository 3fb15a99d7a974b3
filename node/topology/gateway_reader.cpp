#include "node/topology/gateway_reader.hpp"
#include "node/topology/shared_fields.hpp"

namespace hublink {

topology_gateway read_gateway_fields(json_fields& fields) {
  topology_gateway gateway;
  gateway.udp = fields.choice<bool>("protocol", {{"tcp", false}, {"udp", true}}).value_or(false);
  gateway.calling = fields.name("calling").value_or("");
  gateway.called = fields.name("called").value_or("");
  gateway.listen = read_endpoint(fields, "listen");
  gateway.deliver = read_endpoint(fields, "deliver");
  gateway.reply_timeout_s = fields.number("reply_timeout_s", 0, 3600);
  auto extend = fields.flag("replies_extend");
  gateway.replies_extend = extend.value_or(false);
  fields.require("protocol", "write \"tcp\" or \"udp\"");
  fields.require("calling", "name the server near the application that connects");
  fields.require("called", "name the server near the application that is connected to");
  fields.require("listen", "write the address and port where the calling gateway listens");
  fields.require("deliver", "write the address and port of the real destination");
  if (!gateway.udp && gateway.reply_timeout_s) fields.note("reply_timeout_s", "is only for udp; remove it");
  if (!gateway.udp && extend) fields.note("replies_extend", "is only for udp; remove it");
  return gateway;
}

topology_gateway read_gateway(const nlohmann::json& value, const std::string& path, problems& found) {
  json_fields fields{value, path, found};
  if (!value.is_object()) return {};
  auto gateway = read_gateway_fields(fields);
  gateway.keep_link = fields.choice<bool>("link", {{"always", true}, {"on-use", false}}).value_or(true);
  fields.finish();
  return gateway;
}

gateway_definition gateway_of(const std::string& name, const topology_gateway& gateway) {
  gateway_definition made;
  made.name = name;
  made.udp = gateway.udp;
  made.calling = gateway.calling;
  made.called = gateway.called;
  made.listen = gateway.listen.value_or(endpoint{});
  made.deliver = gateway.deliver.value_or(endpoint{});
  made.reply_timeout_s = gateway.reply_timeout_s.value_or(made.reply_timeout_s);
  made.replies_extend = gateway.replies_extend;
  return made;
}

} // namespace hublink
