#include "protocol/trust/shown_certificate.hpp"

#include "protocol/trust/shown_fields.hpp"

namespace hublink {

namespace {

constexpr std::string_view shown_label = "hublink shown certificate 1";
constexpr std::size_t longest_proof = 80;

/// What is signed: the label, a zero, who shows it in one byte, the connection's secret.
bytes shown_text(const shown_where& where) {
  auto label = as_bytes(shown_label);
  bytes made(label.begin(), label.end());
  made.push_back(std::byte{0});
  made.push_back(std::byte(where.by_dialler ? 'd' : 'a'));
  made.insert(made.end(), where.binding.begin(), where.binding.end());
  return made;
}

} // namespace

shown_certificate show_certificate(const identity& self, const shown_where& where) {
  auto certificate = self.certificate();
  return {.certificate = bytes(certificate.begin(), certificate.end()),
          .proof = self.sign(shown_text(where))};
}

outcome<trust::clock_time> check_shown(const shown_certificate& shown, const trust& ca, trust::clock_time now,
                                       const trust::holder& peer, const shown_where& where) {
  auto holder = ca.check(shown.certificate, now);
  if (!holder) return holder.error();
  if (holder->name != peer.name || holder->role != peer.role)
    return failure{errc::not_authorised,
                   {},
                   peer.name + " shows a certificate of " + holder->name + " as its newer one"};
  if (!ca.verify(shown.certificate, shown_text(where), shown.proof))
    return failure{errc::not_authorised, {}, peer.name + " shows a newer certificate without its key"};
  return holder->until;
}

cbor::json fields_of(const shown_certificate& shown) {
  return {{"certificate", cbor::to_binary(shown.certificate)}, {"proof", cbor::to_binary(shown.proof)}};
}

shown_certificate read_shown(cbor::fields& from) {
  return {.certificate = from.binary("certificate", max_shown_certificate),
          .proof = from.binary("proof", longest_proof)};
}

bytes pack(const shown_certificate& shown) { return cbor::to_bytes(fields_of(shown)); }

outcome<shown_certificate> unpack_shown(byte_view from) {
  auto map = cbor::parse_map(from);
  if (!map) return {errc::bad_message, "a newer certificate that is no CBOR map"};
  cbor::fields fields{*map};
  auto shown = read_shown(fields);
  if (!fields.problem().empty()) return {errc::bad_message, "a newer certificate: " + fields.problem()};
  return shown;
}

} // namespace hublink
