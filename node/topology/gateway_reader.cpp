#include "node/topology/gateway_reader.hpp"
#include "node/topology/shared_fields.hpp"

namespace hublink {

topology_gateway read_gateway_fields(json_fields& fields) {
  topology_gateway gateway;
  gateway.udp = fields.choice<bool>("protocol", {{"tcp", false}, {"udp", true}}).value_or(false);
  gateway.calling = fields.name("calling").value_or("");
  gateway.called = fields.name("called").value_or("");
  gateway.listen = read_endpoint(fields, "listen");
  gateway.deliver = read_dial_address(fields, "deliver");
  gateway.reply_timeout_s = fields.number("reply_timeout_s", 0, 3600);
  auto extend = fields.flag("replies_extend");
  gateway.replies_extend = extend.value_or(false);
  auto from = fields.choice<reply_source>(
      "replies_from",
      {{"destination", reply_source::destination}, {"host", reply_source::host}, {"any", reply_source::any}});
  gateway.replies_from = from.value_or(reply_source::destination);
  gateway.keep_alive_s = fields.number("keep_alive_s", 1, 3600);
  gateway.half_closed_s = fields.number("half_closed_s", 0, 86'400);
  fields.require("protocol", "write \"tcp\" or \"udp\"");
  fields.require("calling", "name the server near the application that connects");
  fields.require("called", "name the server near the application that is connected to");
  fields.require("listen", "write the address and port where the calling gateway listens");
  fields.require("deliver", "write the address and port of the real destination");
  auto only_for = [&](bool wrong, const char* key, const char* protocol) {
    if (wrong) fields.note(key, std::string("is only for ") + protocol + "; remove it");
  };
  only_for(!gateway.udp && gateway.reply_timeout_s, "reply_timeout_s", "udp");
  only_for(!gateway.udp && extend, "replies_extend", "udp");
  only_for(!gateway.udp && from, "replies_from", "udp");
  only_for(gateway.udp && gateway.keep_alive_s, "keep_alive_s", "tcp");
  only_for(gateway.udp && gateway.half_closed_s, "half_closed_s", "tcp");
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
  made.deliver = gateway.deliver.value_or(dial_address{});
  made.reply_timeout_s = gateway.reply_timeout_s.value_or(made.reply_timeout_s);
  made.replies_extend = gateway.replies_extend;
  made.replies_from = gateway.replies_from;
  made.keep_alive_s = gateway.keep_alive_s;
  made.half_closed_s = gateway.half_closed_s;
  return made;
}

} // namespace hublink
