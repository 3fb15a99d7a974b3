#include "protocol/definition/signed_status.hpp"

#include "protocol/base/cbor_fields.hpp"
#include "protocol/circuit/statement.hpp"

namespace hublink {

outcome<bytes> sign_status(const std::string& content, const std::string& nonce, const identity& self) {
  if (nonce.size() > status_nonce_size || content.size() > longest_status)
    return {errc::bad_config, "a status that is too long to be signed"};
  auto body = cbor::to_bytes({{"nonce", nonce}, {"content", cbor::to_binary(as_bytes(content))}});
  return encode(make_statement(record_type::status, answers_nothing, std::move(body), self, true));
}

outcome<std::string> verify_status(byte_view from, const std::string& node, role expected,
                                   const std::string& nonce, const trust& ca, trust::clock_time now) {
  auto signed_record = read_statement(record_type::status, answers_nothing, from);
  if (!signed_record) return signed_record.error();
  auto who = ca.check(signed_record->certificate, now);
  if (!who) return who.error();
  if (who->name != node || who->role != expected)
    return {errc::not_authorised, "a status of " + node + " that the " + std::string{to_string(who->role)} +
                                      " " + who->name + " signed"};
  if (auto genuine = verify(*signed_record, signed_record->certificate, ca); !genuine) return genuine.error();
  auto map = cbor::parse_map(signed_record->body);
  if (!map) return {errc::bad_message, "a status that is no CBOR map within bounds"};
  cbor::fields fields(*map);
  auto answered = fields.text("nonce", status_nonce_size);
  auto content = fields.binary("content", longest_status);
  if (!fields.problem().empty()) return {errc::bad_message, "a status: " + fields.problem()};
  if (answered != nonce) return {errc::tampered, "a status of " + node + " that answers another question"};
  return std::string{as_text(content)};
}

} // namespace hublink
