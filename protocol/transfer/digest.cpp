#include "protocol/transfer/digest.hpp"

#include "protocol/trust/openssl.hpp"

#include <algorithm>
#include <array>

#include <xxhash.h>
#if defined(__x86_64__)
#include <xxh_x86dispatch.h> // the widest vectors of the CPU at hand: three times as fast
#endif

namespace hublink {
namespace {

using xxh_state = openssl::owner<XXH3_state_t, XXH3_freeState>;

std::string xxh128_text(const XXH3_state_t* state) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state));
  return to_hex(std::as_bytes(std::span{canonical.digest}));
}

std::string sha256_text(const EVP_MD_CTX* running) {
  openssl::digest_context copy{EVP_MD_CTX_new()};
  std::array<std::byte, 32> hash{};
  EVP_MD_CTX_copy_ex(copy.get(), running);
  EVP_DigestFinal_ex(copy.get(), openssl::raw_out(hash), nullptr);
  return to_hex(hash);
}

constexpr std::size_t hex_digits(digest_kind kind) { return kind == digest_kind::xxh128 ? 32 : 64; }

} // namespace

struct file_digest::state {
  xxh_state xxh;
  openssl::digest_context sha;
};

file_digest::file_digest(digest_kind kind) : state_(std::make_unique<state>()) {
  if (kind == digest_kind::xxh128) {
    state_->xxh.reset(XXH3_createState());
    XXH3_128bits_reset(state_->xxh.get());
  } else {
    state_->sha.reset(EVP_MD_CTX_new());
    EVP_DigestInit_ex(state_->sha.get(), EVP_sha256(), nullptr);
  }
}
file_digest::~file_digest() = default;
file_digest::file_digest(file_digest&&) noexcept = default;
file_digest& file_digest::operator=(file_digest&&) noexcept = default;

void file_digest::add(byte_view data) {
  if (state_->xxh)
    XXH3_128bits_update(state_->xxh.get(), data.data(), data.size());
  else
    EVP_DigestUpdate(state_->sha.get(), data.data(), data.size());
}

std::string file_digest::text() const {
  if (state_->xxh) return "xxh128:" + xxh128_text(state_->xxh.get());
  return "sha256:" + sha256_text(state_->sha.get());
}

std::string_view to_string(digest_kind kind) { return kind == digest_kind::xxh128 ? "xxh128" : "sha256"; }

std::optional<digest_kind> digest_kind_from_string(std::string_view name) {
  for (auto kind : {digest_kind::xxh128, digest_kind::sha256})
    if (name == to_string(kind)) return kind;
  return {};
}

bool is_digest(std::string_view text, digest_kind kind) {
  auto name = to_string(kind);
  if (text.size() != name.size() + 1 + hex_digits(kind) || !text.starts_with(name) ||
      text[name.size()] != ':')
    return false;
  return text.find_first_not_of("0123456789abcdef", name.size() + 1) == std::string_view::npos;
}

} // namespace hublink
