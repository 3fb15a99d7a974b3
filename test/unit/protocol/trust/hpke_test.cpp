// The published vectors of RFC 9180, base mode, DHKEM(P-256, HKDF-SHA256): of the KEM with its appendix A.3,
// of the whole suite with the authors' test-vectors.json, where AES-256-GCM is.
#include "protocol/trust/hpke.hpp"
#include "support/catch.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include <algorithm>

using namespace hublink;

namespace {

bytes unhex(std::string_view hex) { return from_hex(hex).value(); }

/// Of a private key as the vectors have it: 32 bytes.
openssl::evp_key private_key(std::string_view hex, std::string_view public_point) {
  using builder = openssl::owner<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
  using parameters = openssl::owner<OSSL_PARAM, OSSL_PARAM_free>;
  auto scalar = unhex(hex), point = unhex(public_point);
  openssl::big_number number{BN_bin2bn(openssl::raw(scalar), static_cast<int>(scalar.size()), nullptr)};
  builder parts{OSSL_PARAM_BLD_new()};
  OSSL_PARAM_BLD_push_utf8_string(parts.get(), OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1, 0);
  OSSL_PARAM_BLD_push_octet_string(parts.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get());
  parameters all{OSSL_PARAM_BLD_to_param(parts.get())};
  openssl::owner<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
  EVP_PKEY* made = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, all.get());
  return openssl::evp_key{made};
}

struct known_vector {
  std::string_view receiver, receiver_point, fresh, enc, shared;
};

constexpr known_vector appendix_a3{
    "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
    "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b"
    "8a0e539c7f62fb3d30ad6aa8f80"
    "e30f1d128aafd68a2ce72ea0",
    "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb",
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af"
    "4b78e5b7f951c0900be863c403c"
    "e65c9bfcb9382657222d18c4",
    "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8"};
/// The fresh key is the one that `ikmE` gives.
constexpr known_vector whole_suite{
    "317f915db7bc629c48fe765587897e01e282d3e8445f79f27f65d031a88082b2",
    "04abc7e49a4c6b3566d77d0304addc6ed0e98512ffccf505e6a8e3eb25c685136f853148544876d"
    "e76c0f2ef99cdc3a05ccf5ded78"
    "60c7c021238f9e2073d2356c",
    "90345e3a1d116c1dd39ae76d95ab858c142223a63e44f8f85318cfa91a84858e",
    "04c06b4f6bebc7bb495cb797ab753f911aff80aefb86fd8b6fcc35525f3ab5f03e0b21bd31a86c6"
    "048af3cb2d98e0d3bf01da5cc4c"
    "39ff5370d331a4f1f7d5a4e0",
    ""};
const auto rfc_info = unhex("4f6465206f6e2061204772656369616e2055726e");

/// What the endless row of bytes begins with: `SHAKE128("")`.
class endless_row {
 public:
  endless_row() : all_(600'000) {
    openssl::digest_context context{EVP_MD_CTX_new()};
    EVP_DigestInit_ex(context.get(), EVP_shake128(), nullptr);
    EVP_DigestFinalXOF(context.get(), openssl::raw_out(all_), all_.size());
  }
  /// As many bytes as the next one says.
  byte_view draw() {
    auto size = std::to_integer<std::size_t>(all_[at_]);
    auto drawn = byte_view{all_}.subspan(at_ + 1, size);
    at_ += 1 + size;
    return drawn;
  }

 private:
  bytes all_;
  std::size_t at_ = 0;
};

/// As messages of a context are sealed that has more than one, which `hpke` has no use for.
bytes sealed_as(const hpke::message_key& with, std::uint64_t number, byte_view about, byte_view plain) {
  auto nonce = with.nonce;
  for (int i = 0; i < 8; ++i) nonce[nonce.size() - 1 - i] ^= std::byte(number >> (8 * i));
  openssl::cipher_context cipher{EVP_CIPHER_CTX_new()};
  bytes made(plain.size() + hpke::tag_size);
  int size = 0;
  auto raw = [](byte_view data) { return openssl::raw(data); };
  EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, raw(with.key.view()), raw(nonce));
  if (!about.empty())
    EVP_EncryptUpdate(cipher.get(), nullptr, &size, raw(about), static_cast<int>(about.size()));
  if (!plain.empty())
    EVP_EncryptUpdate(cipher.get(), openssl::raw_out(made), &size, raw(plain),
                      static_cast<int>(plain.size()));
  EVP_EncryptFinal_ex(cipher.get(), openssl::raw_out(std::span{made}.last(hpke::tag_size)), &size);
  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, hpke::tag_size,
                      std::span{made}.last(hpke::tag_size).data());
  return made;
}

p256::point to_point(byte_view written) {
  p256::point made{};
  std::ranges::copy(written, made.begin());
  return made;
}

} // namespace

TEST_CASE("the KEM makes what RFC 9180 says, on both sides") {
  for (const auto& known : {appendix_a3, whole_suite}) {
    auto receiver = private_key(known.receiver, known.receiver_point),
         fresh = private_key(known.fresh, known.enc);
    hpke::receiver to{receiver.get(), to_point(unhex(known.receiver_point))};
    auto sent = hpke::encapsulate(to, fresh.get());
    REQUIRE(sent);
    CHECK(to_hex(sent->key) == known.enc);
    auto got = hpke::decapsulate(unhex(known.enc), to);
    REQUIRE(got);
    CHECK(to_hex(got->view()) == to_hex(sent->shared.view()));
    if (!known.shared.empty()) CHECK(to_hex(got->view()) == known.shared);
  }
}

TEST_CASE(
    "the whole suite seals what the authors of RFC 9180 say: 1000 messages, of which ours is the first") {
  auto receiver = private_key(whole_suite.receiver, whole_suite.receiver_point);
  auto shared = hpke::decapsulate(unhex(whole_suite.enc),
                                  {receiver.get(), to_point(unhex(whole_suite.receiver_point))});
  REQUIRE(shared);
  auto with = hpke::schedule(*shared, rfc_info);
  REQUIRE(with);
  endless_row drawn;
  bytes all;
  for (std::uint64_t number = 0; number < 1000; ++number) {
    auto about = drawn.draw(), plain = drawn.draw();
    auto made = sealed_as(*with, number, about, plain);
    all.insert(all.end(), made.begin(), made.end());
  }
  bytes sum(16);
  openssl::digest_context context{EVP_MD_CTX_new()};
  EVP_DigestInit_ex(context.get(), EVP_shake128(), nullptr);
  EVP_DigestUpdate(context.get(), all.data(), all.size());
  EVP_DigestFinalXOF(context.get(), openssl::raw_out(sum), sum.size());
  CHECK(to_hex(sum) == "8d3263541fc1695b6e88ff3a1208577c");

  auto plain = as_bytes("thirty-two bytes of some secret.");
  bytes ours(plain.size() + hpke::tag_size), opened(plain.size());
  REQUIRE(hpke::seal(*with, plain, ours));
  CHECK(ours == sealed_as(*with, 0, {}, plain));
  CHECK(hpke::open(*with, ours, opened));
  CHECK(as_text(opened) == as_text(plain));
}

TEST_CASE("what is no point of P-256 in its long form is no key") {
  auto good = unhex(whole_suite.enc);
  REQUIRE(p256::public_key(good));
  auto with = [&](std::size_t at, std::byte value) {
    auto changed = good;
    changed[at] = value;
    return changed;
  };
  bytes compressed(good.begin(), good.begin() + 33), infinity(1), zeros(65), all_ones(65, std::byte{0xFF});
  compressed[0] = std::byte(2);
  zeros[0] = all_ones[0] = std::byte{4};
  for (const auto& wrong : {with(0, std::byte{6}), with(0, std::byte{7}), with(0, std::byte{0}),
                            with(0, std::byte{2}), with(64, std::byte{0}), compressed, infinity, zeros,
                            all_ones, bytes{}, bytes(good.begin(), good.end() - 1)})
    CHECK_FALSE(p256::public_key(wrong));
}
