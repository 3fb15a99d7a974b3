#include "protocol/trust/signed_form.hpp"

#include "protocol/trust/der.hpp"
#include "protocol/trust/p256.hpp"

#include <algorithm>

namespace hublink {
namespace {

template <class... Bytes>
constexpr auto octets(Bytes... each) {
  return std::array<std::byte, sizeof...(each)>{std::byte(each)...};
}

/// Version 3, which is the only one that has extensions (RFC 5280, 4.1.2.1).
constexpr auto version_3 = octets(0x02, 0x01, 0x02);
/// ecdsa-with-SHA256 (RFC 5758, 3.2).
constexpr auto ecdsa_with_sha256 =
    octets(0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02);
/// What stands before the point in the key's field: id-ecPublicKey, prime256v1 (RFC 5480), the string's head.
constexpr auto p256_key_head = octets(0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06,
                                      0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00);
constexpr std::size_t longest_serial = 20;     // RFC 5280, 4.1.2.2
constexpr std::size_t longest_coordinate = 33; // 32 bytes, and one before a high bit

bool same(byte_view a, byte_view b) { return std::ranges::equal(a, b); }

struct signed_structure : signed_form {
  bool is_ecdsa = false;
  byte_view content; ///< of the signed part
};

/// SEQUENCE { content, algorithm, signature }, and nothing behind.
std::optional<signed_structure> read_signed(byte_view der) {
  der_reader whole{der};
  der_reader inside{whole.take(der::tag::sequence).content};
  auto content = inside.take(der::tag::sequence);
  auto algorithm = inside.take(der::tag::sequence);
  auto bits = inside.take(der::tag::bit_string).content;
  if (!whole.at_end() || !inside.at_end() || bits.empty() || bits[0] != std::byte{0}) return {};
  signed_structure found;
  found.signed_part = content.whole;
  found.content = content.content;
  found.signature = bits.subspan(1);
  found.is_ecdsa = same(algorithm.whole, ecdsa_with_sha256) && is_signature_form(found.signature);
  return found;
}

failure unreadable() { return {errc::not_authorised, {}, "a certificate that can't be read"}; }
failure other_family(const std::string& what) {
  return {errc::not_authorised, {}, "the certificate " + what + "; only those count that hublink keys makes"};
}

} // namespace

bool is_signature_form(byte_view der) {
  der_reader whole{der};
  der_reader pair{whole.take(der::tag::sequence).content};
  auto r = pair.take(der::tag::integer).content, s = pair.take(der::tag::integer).content;
  return whole.at_end() && pair.at_end() && is_positive_integer(r, longest_coordinate) &&
         is_positive_integer(s, longest_coordinate);
}

outcome<certificate_form> read_certificate_form(byte_view der) {
  if (der.size() > max_certificate) return unreadable();
  auto outer = read_signed(der);
  if (!outer) return unreadable();
  der_reader fields{outer->content};
  if (fields.is_next(der::tag::context_0) && !same(fields.take(der::tag::context_0).content, version_3))
    return unreadable();
  auto serial = fields.take(der::tag::integer).content;
  auto algorithm = fields.take(der::tag::sequence).whole;
  fields.take(der::tag::sequence); // issuer
  fields.take(der::tag::sequence); // validity
  fields.take(der::tag::sequence); // subject
  auto key = fields.take(der::tag::sequence).content;
  if (fields.is_next(der::tag::context_3)) fields.take(der::tag::context_3); // the issuer vouches for these
  if (!fields.at_end() || !is_positive_integer(serial, longest_serial)) return unreadable();
  bool is_p256 = key.size() == p256_key_head.size() + p256::point_size &&
                 same(key.first(p256_key_head.size()), p256_key_head) &&
                 key[p256_key_head.size()] == p256::uncompressed;
  if (!is_p256) return other_family("has no P-256 key");
  if (!outer->is_ecdsa || !same(algorithm, ecdsa_with_sha256))
    return other_family("is not signed with ECDSA and SHA-256");
  return certificate_form{{outer->signed_part, outer->signature}, key.subspan(p256_key_head.size())};
}

outcome<signed_form> read_list_form(byte_view der) {
  auto found = der.size() <= max_revocation_list ? read_signed(der) : std::nullopt;
  if (!found) return {errc::bad_config, "the revocation list can't be read"};
  if (!found->is_ecdsa) return {errc::bad_config, "the revocation list is not signed with ECDSA and SHA-256"};
  return signed_form{found->signed_part, found->signature};
}

} // namespace hublink
