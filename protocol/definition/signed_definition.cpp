#include "protocol/definition/signed_definition.hpp"

#include "protocol/base/cbor_fields.hpp"
#include "protocol/circuit/statement.hpp"

namespace hublink {
namespace {

outcome<definition_record> decode_content(byte_view body) {
  auto map = cbor::parse_map(body);
  if (!map) return {errc::bad_message, "a definition that is no CBOR map within bounds"};
  cbor::fields from(*map);
  definition_record record;
  record.network = from.name("network");
  record.node = from.name("node");
  record.version = from.number("version", 1);
  auto content = from.find("content");
  if (content && content->is_binary())
    record.content = as_text(std::as_bytes(std::span{content->get_binary()}));
  else
    from.wrong("content", "bytes");
  if (!from.problem().empty()) return {errc::bad_message, "a definition: " + from.problem()};
  return record;
}

/// What the key in the certificate that it carries signed.
outcome<definition_record> read_genuine(const statement& from, const trust& ca) {
  if (!verify(from, from.certificate, ca))
    return {errc::tampered, "the definition is not what a manager signed"};
  return decode_content(from.body);
}

outcome<signed_definition> by_a_manager(const statement& brought, const outcome<trust::holder>& holder,
                                        const trust& ca) {
  if (!holder) return holder.error();
  if (holder->role != role::manager)
    return {errc::not_authorised, "the definition is signed by the " + std::string{to_string(holder->role)} +
                                      " " + holder->name + "; only a manager's counts"};
  auto record = read_genuine(brought, ca);
  if (!record) return record.error();
  return signed_definition{std::move(*record), holder->name};
}

} // namespace

outcome<bytes> sign_definition(const definition_record& record, const identity& manager, std::size_t most) {
  auto body = cbor::to_bytes({{"network", record.network},
                              {"node", record.node},
                              {"version", record.version},
                              {"content", cbor::to_binary(as_bytes(record.content))}});
  if (body.size() > most)
    return {errc::bad_config, "the definition of " + record.node + " has " + std::to_string(body.size()) +
                                  " bytes; " + std::to_string(most) + " are allowed"};
  return encode(make_statement(record_type::definition, answers_nothing, std::move(body), manager, true));
}

outcome<signed_definition> read_definition(byte_view from, const trust& ca) {
  auto stored = read_statement(record_type::definition, answers_nothing, from, longest_definition);
  if (!stored) return stored.error();
  auto record = read_genuine(*stored, ca);
  if (!record) return record.error();
  return signed_definition{std::move(*record), {}};
}

outcome<signed_definition> verify_definition(byte_view from, const trust& ca, trust::clock_time now) {
  auto brought = read_statement(record_type::definition, answers_nothing, from, longest_definition);
  if (!brought) return brought.error();
  return by_a_manager(*brought, ca.check(brought->certificate, now), ca);
}

outcome<signed_definition> verify_stored_definition(byte_view from, const trust& ca) {
  auto stored = read_statement(record_type::definition, answers_nothing, from, longest_definition);
  if (!stored) return stored.error();
  return by_a_manager(*stored, ca.check_signer(stored->certificate), ca);
}

} // namespace hublink
