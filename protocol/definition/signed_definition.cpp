#include "protocol/definition/signed_definition.hpp"

#include "protocol/base/cbor_fields.hpp"
#include "protocol/circuit/statement.hpp"

namespace hublink {
namespace {

outcome<definition_record> decode_content(byte_view body) {
  auto map = cbor::parse_map(body);
  if (!map) return {errc::bad_message, "a definition that is no CBOR map within bounds"};
  cbor::fields from(*map);
  definition_record said;
  said.network = from.name("network");
  said.node = from.name("node");
  said.version = from.number("version", 1);
  auto content = from.find("content");
  if (content && content->is_binary())
    said.content = as_text(std::as_bytes(std::span{content->get_binary()}));
  else
    from.wrong("content", "bytes");
  if (!from.problem().empty()) return {errc::bad_message, "a definition: " + from.problem()};
  return said;
}

outcome<statement> read_signed(byte_view from, const trust& ca) {
  auto said = read_statement(record_type::definition, answers_nothing, from);
  if (!said) return said;
  if (auto genuine = verify(*said, said->certificate, ca); !genuine)
    return {errc::tampered, "the definition is not what a manager signed"};
  return said;
}

} // namespace

outcome<bytes> sign_definition(const definition_record& said, const identity& manager) {
  auto body = cbor::to_bytes({{"network", said.network},
                              {"node", said.node},
                              {"version", said.version},
                              {"content", cbor::to_binary(as_bytes(said.content))}});
  if (body.size() > max_body(record_type::definition))
    return {errc::bad_config, "the definition of " + said.node + " has " + std::to_string(body.size()) +
                                  " bytes; " + std::to_string(max_body(record_type::definition)) +
                                  " are allowed"};
  return encode(make_statement(record_type::definition, answers_nothing, std::move(body), manager, true));
}

outcome<signed_definition> read_definition(byte_view from, const trust& ca) {
  auto genuine = read_signed(from, ca);
  if (!genuine) return genuine.error();
  auto said = decode_content(genuine->body);
  if (!said) return said.error();
  return signed_definition{std::move(*said), {}};
}

outcome<signed_definition> verify_definition(byte_view from, const trust& ca, trust::clock_time now) {
  auto genuine = read_signed(from, ca);
  if (!genuine) return genuine.error();
  auto holder = ca.check(genuine->certificate, now);
  if (!holder) return holder.error();
  if (holder->role != role::manager)
    return {errc::not_authorised, "the definition is signed by the " + std::string{to_string(holder->role)} +
                                      " " + holder->name + "; only a manager's counts"};
  auto said = decode_content(genuine->body);
  if (!said) return said.error();
  return signed_definition{std::move(*said), holder->name};
}

} // namespace hublink
