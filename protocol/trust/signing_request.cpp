#include "protocol/trust/signing_request.hpp"

#include "protocol/base/base64.hpp"
#include "protocol/base/cbor_fields.hpp"
#include "protocol/trust/p256.hpp"
#include "protocol/trust/pem_block.hpp"

#include <algorithm>

namespace hublink {

namespace {

using namespace openssl;

constexpr std::string_view request_label = "hublink signing request 1",
                           renewal_label = "hublink renewal request 1";
constexpr std::string_view pem_label = "HUBLINK SIGNING REQUEST";
constexpr std::size_t longest_node_name = 64, longest_signature = 80, proof_size = 64;
constexpr std::size_t longest_current = 1536;

/// What is signed: the label, a zero, the name's length in one byte, the name, the key.
bytes signed_text(const std::string& node, byte_view key, std::string_view label = request_label) {
  bytes made;
  auto add = [&made](byte_view part) { made.insert(made.end(), part.begin(), part.end()); };
  add(as_bytes(label));
  made.push_back(std::byte{0});
  made.push_back(static_cast<std::byte>(node.size()));
  add(as_bytes(node));
  add(key);
  return made;
}

} // namespace

bool signing_request::proves(const code_verifier& of) const {
  return proof.size() == proof_size && invitation_code::is_proof(of, signed_text(node, key), proof);
}

secret make_private_key() {
  auto key = p256::make_key();
  bio text{BIO_new(BIO_s_secmem())};
  bool made = key && text &&
              PEM_write_bio_PrivateKey(text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  ERR_clear_error();
  if (!made) return {};
  char* start = nullptr;
  auto size = BIO_get_mem_data(text.get(), &start);
  return secret{std::string{start, static_cast<std::size_t>(size)}};
}

outcome<trust::holder> check_renewal(const signing_request& request, const trust& ca, trust::clock_time now) {
  auto holder = ca.check(request.current, now);
  if (!holder) return holder;
  if (holder->name != request.node)
    return failure{
        errc::not_authorised, {}, "the certificate of " + holder->name + " renews none of " + request.node};
  if (!ca.verify(request.current, signed_text(request.node, request.key, renewal_label), request.by))
    return failure{errc::not_authorised,
                   {},
                   "the request to renew the certificate of " + request.node + " is not signed with its key"};
  return holder;
}

namespace {

struct unproven {
  cbor::json fields;
  p256::point key;
};

/// Signed with the key that it is for, and without any proof of who asks.
outcome<unproven> unproven_request(const std::string& node, std::string_view key_pem) {
  if (node.empty() || node.size() > longest_node_name)
    return {errc::bad_config, "the name \"" + node + "\" does not fit a certificate: 1 to 64 bytes"};
  evp_key key{from_pem<PEM_read_bio_PrivateKey>(key_pem)};
  auto point = p256::point_of(key.get());
  if (!point) return {errc::bad_config, "the private key is no P-256 key in PEM without a passphrase"};
  auto what = signed_text(node, *point);
  digest_context context{EVP_MD_CTX_new()};
  bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
  auto size = signature.size();
  bool made = EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
              EVP_DigestSign(context.get(), raw_out(signature), &size, raw(what), what.size()) == 1;
  ERR_clear_error();
  if (!made) return {errc::failed, "the request can't be signed"};
  signature.resize(size);
  cbor::json fields{{"node", node}, {"key", cbor::to_binary(*point)}, {"sig", cbor::to_binary(signature)}};
  return unproven{.fields = std::move(fields), .key = *point};
}

} // namespace

outcome<bytes> make_signing_request(const std::string& node, std::string_view key_pem,
                                    const std::optional<invitation_code>& code) {
  auto made = unproven_request(node, key_pem);
  if (!made) return made.error();
  if (code) made->fields["proof"] = cbor::to_binary(code->prove(signed_text(node, made->key)));
  return cbor::to_bytes(made->fields);
}

outcome<bytes> make_renewal_request(const identity& self, std::string_view key_pem) {
  auto made = unproven_request(self.name(), key_pem);
  if (!made) return made.error();
  made->fields["current"] = cbor::to_binary(self.certificate());
  made->fields["by"] = cbor::to_binary(self.sign(signed_text(self.name(), made->key, renewal_label)));
  auto packed = cbor::to_bytes(made->fields);
  if (packed.size() > max_signing_request)
    return {errc::bad_config, "the certificate of " + self.name() + " is too long for a request"};
  return packed;
}

outcome<signing_request> read_signing_request(byte_view from) {
  if (from.size() > max_signing_request) return {errc::bad_message, "a signing request that is too long"};
  auto map = cbor::parse_map(from);
  if (!map) return {errc::bad_message, "a signing request that is no CBOR map"};
  cbor::fields fields{*map};
  signing_request request;
  request.node = fields.name("node");
  request.key = fields.binary("key", p256::point_size);
  auto signature = fields.binary("sig", longest_signature);
  if (map->contains("proof")) request.proof = fields.binary("proof", proof_size);
  if (map->contains("current")) {
    request.current = fields.binary("current", longest_current);
    request.by = fields.binary("by", longest_signature);
  }
  if (!fields.problem().empty()) return {errc::bad_message, "a signing request: " + fields.problem()};
  if (request.node.size() > longest_node_name)
    return {errc::bad_message, "a signing request for a name of more than 64 bytes"};
  auto key = p256::public_key(request.key);
  if (!key) return {errc::bad_message, "a signing request whose key is not on P-256"};
  if (!p256::verify(key.get(), signed_text(request.node, request.key), signature))
    return {errc::tampered, "the signing request is not signed with the key that it is for"};
  return request;
}

std::string to_pem(byte_view signing_request) {
  constexpr std::size_t line = 64;
  auto text = to_base64(signing_request);
  std::string made = "-----BEGIN " + std::string{pem_label} + "-----\n";
  for (std::size_t at = 0; at < text.size(); at += line) made += text.substr(at, line) + "\n";
  return made + "-----END " + std::string{pem_label} + "-----\n";
}

outcome<bytes> signing_request_in(std::string_view pem) {
  auto found = read_pem_block(pem, pem_label, max_signing_request);
  if (!found)
    return {errc::bad_config, "is no signing request; hublink keys request makes one on the node's machine"};
  return *found;
}

std::string fingerprint_of(const signing_request& request) {
  std::array<std::byte, 32> digest{};
  EVP_Digest(request.key.data(), request.key.size(), raw_out(digest), nullptr, EVP_sha256(), nullptr);
  auto hex = to_hex(byte_view{digest}.first(8));
  for (std::size_t at = 12; at > 0; at -= 4) hex.insert(at, " ");
  return hex;
}

} // namespace hublink
