#include "protocol/trust/p256.hpp"

#include "protocol/trust/signed_form.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>

namespace hublink::p256 {
namespace {

using namespace openssl;
using key_context = owner<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

} // namespace

evp_key public_key(byte_view point) {
  if (point.size() != point_size || point[0] != uncompressed) return {};
  auto at = const_cast<unsigned char*>(raw(point)); // OpenSSL writes to none of them
  char curve[] = SN_X9_62_prime256v1;
  OSSL_PARAM parts[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
                        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, at, point.size()),
                        OSSL_PARAM_construct_end()};
  key_context context{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
  EVP_PKEY* made = nullptr;
  if (context && EVP_PKEY_fromdata_init(context.get()) == 1)
    EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parts);
  ERR_clear_error();
  return evp_key{made};
}

evp_key make_key() {
  evp_key made{EVP_EC_gen("P-256")};
  ERR_clear_error();
  return made;
}

std::optional<point> point_of(const EVP_PKEY* key) {
  std::array<char, 32> group{};
  std::size_t size = 0;
  point found{};
  bool ours =
      key && EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1 &&
      std::string_view{group.data(), size} == SN_X9_62_prime256v1 &&
      EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, raw_out(found), found.size(), &size) == 1;
  ERR_clear_error();
  if (!ours || size != point_size || found[0] != uncompressed) return {};
  return found;
}

bool verify(EVP_PKEY* key, byte_view data, byte_view signature) {
  if (!key || !is_signature_form(signature)) return false;
  digest_context context{EVP_MD_CTX_new()};
  bool valid = EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
               EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(data), data.size()) == 1;
  ERR_clear_error();
  return valid;
}

std::optional<std::array<std::byte, 32>> agree(EVP_PKEY* own, EVP_PKEY* peer) {
  std::array<std::byte, 32> made{};
  auto size = made.size();
  key_context context{own ? EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr) : nullptr};
  // Every point of this curve but infinity has its order, and `public_key` made sure of the curve: the longer
  // check of the peer's key would cost as much as the agreement.
  bool agreed = context && peer && EVP_PKEY_derive_init(context.get()) == 1 &&
                EVP_PKEY_derive_set_peer_ex(context.get(), peer, 0) == 1 &&
                EVP_PKEY_derive(context.get(), raw_out(made), &size) == 1 && size == made.size();
  ERR_clear_error();
  if (!agreed) return {};
  return made;
}

} // namespace hublink::p256
