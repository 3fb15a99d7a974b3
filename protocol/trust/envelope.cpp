#include "protocol/trust/envelope.hpp"

#include <algorithm>

namespace hublink {
namespace {

constexpr auto envelope_version = std::byte{1};
constexpr std::size_t key_at = 1, secret_at = key_at + p256::point_size;
constexpr std::size_t sealed_size = std::tuple_size_v<envelope_secret> + hpke::tag_size;
static_assert(secret_at + sealed_size == envelope_size);

} // namespace

outcome<bytes> seal_envelope(const envelope_secret& secret, const hpke::receiver& to, byte_view info) {
  failure wrong{errc::failed, {}, "no envelope could be made"};
  auto fresh = p256::make_key();
  auto made = hpke::encapsulate(to, fresh.get());
  auto with = made ? hpke::schedule(made->shared, info) : std::nullopt;
  if (!with) return wrong;
  bytes envelope(envelope_size);
  std::span all{envelope};
  all[0] = envelope_version;
  std::ranges::copy(made->key, all.subspan(key_at).begin());
  if (!hpke::seal(*with, secret, all.subspan(secret_at))) return wrong;
  return envelope;
}

outcome<envelope_secret> open_envelope(byte_view envelope, const hpke::receiver& own, byte_view info) {
  failure wrong{errc::tampered, {}, "the envelope was not made for this node and transfer, or was altered"};
  if (envelope.size() != envelope_size || envelope[0] != envelope_version) return wrong;
  auto shared = hpke::decapsulate(envelope.subspan(key_at, p256::point_size), own);
  auto with = shared ? hpke::schedule(*shared, info) : std::nullopt;
  envelope_secret secret{};
  if (!with || !hpke::open(*with, envelope.subspan(secret_at), secret)) return wrong;
  return secret;
}

} // namespace hublink
