#include "protocol/circuit/statement.hpp"

#include "protocol/base/cbor_fields.hpp"
#include "protocol/trust/openssl.hpp"
#include "protocol/trust/signed_form.hpp"

namespace hublink {
namespace {

using cbor::json;

constexpr std::size_t max_signature = 80; // bytes; P-256 takes 72 at most

bytes signed_part(const statement& signed_answer) {
  auto context = "hublink 1 " + std::string{to_string(signed_answer.type)} + '\0';
  bytes data;
  for (auto part : {as_bytes(context), byte_view{signed_answer.answered}, byte_view{signed_answer.body}})
    data.insert(data.end(), part.begin(), part.end());
  return data;
}

std::optional<bytes> take(const json& from, const char* key, std::size_t limit) {
  auto found = from.find(key);
  if (found == from.end() || !found->is_binary() || found->get_binary().size() > limit) return {};
  auto view = std::as_bytes(std::span{found->get_binary()});
  return bytes{view.begin(), view.end()};
}

} // namespace

statement_hash hash_of(byte_view data) {
  statement_hash found{};
  EVP_Digest(data.data(), data.size(), openssl::raw_out(found), nullptr, EVP_sha256(), nullptr);
  return found;
}

statement_hash statement::hash() const { return hash_of(signed_part(*this)); }

statement make_statement(record_type type, const statement_hash& answered, bytes body, const identity& by,
                         bool with_certificate) {
  statement made{.type = type, .answered = answered, .body = std::move(body)};
  made.signature = by.sign(signed_part(made));
  if (with_certificate) made.certificate.assign(by.certificate().begin(), by.certificate().end());
  return made;
}

bytes encode(const statement& signed_answer) {
  json map{{"body", cbor::to_binary(signed_answer.body)}, {"sig", cbor::to_binary(signed_answer.signature)}};
  if (!signed_answer.certificate.empty()) map["cert"] = cbor::to_binary(signed_answer.certificate);
  return cbor::to_bytes(map);
}

outcome<statement> read_statement(record_type type, const statement_hash& answered, byte_view record_body) {
  return read_statement(type, answered, record_body, max_body(type));
}

outcome<statement> read_statement(record_type type, const statement_hash& answered, byte_view record_body,
                                  std::size_t longest_body) {
  failure wrong{errc::bad_message, {}, "a malformed record " + std::string{to_string(type)}};
  auto map = cbor::parse_map(record_body);
  if (!map) return wrong;
  auto body = take(*map, "body", longest_body), signature = take(*map, "sig", max_signature),
       certificate = map->contains("cert") ? take(*map, "cert", max_certificate) : bytes{};
  if (!body || !signature || !certificate) return wrong;
  return statement{type, answered, std::move(*body), std::move(*signature), std::move(*certificate)};
}

outcome<> verify(const statement& signed_answer, byte_view certificate, const trust& ca) {
  if (ca.verify(certificate, signed_part(signed_answer), signed_answer.signature)) return {};
  return {errc::tampered, "the record " + std::string{to_string(signed_answer.type)} +
                              " is not what its sender signed in this exchange"};
}

namespace {

/// Whose certificate it carries; of nobody unless it counts.
outcome<trust::holder> holder_of(const statement& signed_answer, const trust& ca, trust::clock_time now) {
  auto holder = ca.check(signed_answer.certificate, now);
  if (holder) return holder;
  return {errc::tampered, "the certificate of the record " + std::string{to_string(signed_answer.type)} +
                              " does not count: " + holder.error().text};
}

failure by_somebody_else(const statement& signed_answer, const trust::holder& holder,
                         const std::string& expected) {
  return {errc::tampered,
          {},
          "the record " + std::string{to_string(signed_answer.type)} + " is by the " +
              std::string{to_string(holder.role)} + " " + holder.name + ", expected is " + expected};
}

} // namespace

outcome<> verify_client(const statement& signed_answer, const std::string& name, const trust& ca,
                        trust::clock_time now) {
  auto holder = holder_of(signed_answer, ca, now);
  if (!holder) return holder.error();
  if (holder->name != name || holder->role != role::client)
    return by_somebody_else(signed_answer, *holder, "the client " + name);
  return verify(signed_answer, signed_answer.certificate, ca);
}

outcome<> verify_sender(const statement& signed_answer, const std::string& name, byte_view known,
                        const trust& ca, trust::clock_time now) {
  if (signed_answer.certificate.empty()) return verify(signed_answer, known, ca);
  return verify_client(signed_answer, name, ca, now);
}

outcome<std::string> verify_server(const statement& signed_answer, const trust& ca, trust::clock_time now) {
  auto holder = holder_of(signed_answer, ca, now);
  if (!holder) return holder.error();
  if (holder->role != role::server) return by_somebody_else(signed_answer, *holder, "a server");
  if (auto fine = verify(signed_answer, signed_answer.certificate, ca); !fine) return fine.error();
  return holder->name;
}

} // namespace hublink
