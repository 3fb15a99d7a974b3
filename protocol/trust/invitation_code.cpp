#include "protocol/trust/invitation_code.hpp"

#include "protocol/trust/openssl.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <cctype>

namespace hublink {

namespace {

using namespace openssl;

/// Crockford's base 32: no I, L, O, U; what looks like one of the first three is read as what it looks like.
constexpr std::string_view code_digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t bits_a_digit = 5, group = 4;
constexpr std::string_view seed_label = "hublink invitation 1";

std::array<std::byte, 32> sha256_of(std::initializer_list<byte_view> parts) {
  std::array<std::byte, 32> made{};
  digest_context context{EVP_MD_CTX_new()};
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  for (auto part : parts) EVP_DigestUpdate(context.get(), part.data(), part.size());
  EVP_DigestFinal_ex(context.get(), raw_out(made), nullptr);
  return made;
}

std::optional<std::size_t> digit_of(char typed) {
  auto letter = static_cast<char>(std::toupper(static_cast<unsigned char>(typed)));
  if (letter == 'O') letter = '0';
  if (letter == 'I' || letter == 'L') letter = '1';
  auto found = code_digits.find(letter);
  if (found == code_digits.npos) return {};
  return found;
}

evp_key private_key(const std::array<std::byte, 32>& seed) {
  return evp_key{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed), seed.size())};
}

failure mistyped(const std::string& what) {
  return {errc::bad_config, {}, "the code " + what + "; copy it whole, as hublink invite printed it"};
}

} // namespace

outcome<invitation_code> invitation_code::make(const network_mark& ca) {
  invitation_code made;
  if (RAND_bytes(raw_out(made.raw_), secret_size) != 1) return {errc::failed, "there are no random numbers"};
  std::copy_n(ca.begin(), mark_size, made.raw_.begin() + secret_size);
  return made;
}

outcome<invitation_code> invitation_code::read(std::string_view text) {
  std::array<std::byte, size + 1> all{};
  std::size_t bits = 0;
  for (char typed : text) {
    if (typed == '-' || typed == ' ') continue;
    auto digit = digit_of(typed);
    if (!digit) return mistyped("has a character that none has");
    for (std::size_t bit = bits_a_digit; bit-- > 0; ++bits) {
      if (bits == all.size() * 8) return mistyped("is too long");
      if ((*digit >> bit) & 1) all[bits / 8] |= std::byte(0x80 >> (bits % 8));
    }
  }
  if (bits != all.size() * 8) return mistyped("is too short");
  invitation_code made;
  std::copy_n(all.begin(), size, made.raw_.begin());
  OPENSSL_cleanse(all.data(), size);
  if (sha256_of({made.raw_})[0] != all[size]) return mistyped("is mistyped");
  return made;
}

invitation_code::~invitation_code() { OPENSSL_cleanse(raw_.data(), raw_.size()); }

secret invitation_code::text() const {
  std::array<std::byte, size + 1> all{};
  std::ranges::copy(raw_, all.begin());
  all[size] = sha256_of({raw_})[0];
  std::string made;
  made.reserve(all.size() * 2);
  for (std::size_t at = 0; at < all.size() * 8; at += bits_a_digit) {
    std::size_t digit = 0;
    for (auto bit = at; bit < at + bits_a_digit; ++bit)
      digit = digit << 1 | ((std::to_integer<unsigned>(all[bit / 8]) >> (7 - bit % 8)) & 1);
    if (at > 0 && at / bits_a_digit % group == 0) made += '-';
    made += code_digits[digit];
  }
  OPENSSL_cleanse(all.data(), all.size());
  return secret{std::move(made)};
}

std::array<std::byte, 32> invitation_code::seed() const { return sha256_of({as_bytes(seed_label), raw_}); }

code_verifier invitation_code::verifier() const {
  auto from = seed();
  auto key = private_key(from);
  OPENSSL_cleanse(from.data(), from.size());
  code_verifier made{};
  auto length = made.size();
  EVP_PKEY_get_raw_public_key(key.get(), raw_out(made), &length);
  return made;
}

bytes invitation_code::prove(byte_view what) const {
  auto from = seed();
  auto key = private_key(from);
  OPENSSL_cleanse(from.data(), from.size());
  digest_context context{EVP_MD_CTX_new()};
  bytes proof(64);
  auto length = proof.size();
  bool made = key && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
              EVP_DigestSign(context.get(), raw_out(proof), &length, raw(what), what.size()) == 1;
  ERR_clear_error();
  proof.resize(made ? length : 0); // an empty one is none
  return proof;
}

bool invitation_code::is_for(const network_mark& ca) const {
  return CRYPTO_memcmp(ca.data(), raw_.data() + secret_size, mark_size) == 0;
}

bool invitation_code::is_proof(const code_verifier& by, byte_view what, byte_view proof) {
  evp_key key{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(by), by.size())};
  digest_context context{EVP_MD_CTX_new()};
  bool good = key && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
              EVP_DigestVerify(context.get(), raw(proof), proof.size(), raw(what), what.size()) == 1;
  ERR_clear_error();
  return good;
}

} // namespace hublink
