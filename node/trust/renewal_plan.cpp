#include "node/trust/renewal_plan.hpp"

#include <algorithm>
#include <array>

#include <openssl/evp.h>

namespace hublink {

using namespace std::chrono_literals;

std::optional<own_life> life_of(byte_view certificate) {
  auto from = begin_of_validity(certificate), until = end_of_validity(certificate);
  if (!from || !until || *until <= *from) return {};
  return own_life{.from = *from, .until = *until};
}

trust::clock_time renewal_due(const own_life& life, byte_view certificate) {
  std::array<std::byte, 32> digest{};
  EVP_Digest(certificate.data(), certificate.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
             EVP_sha256(), nullptr);
  constexpr int twelfths = 12, earliest = 8; // of the life: two thirds
  auto part = (life.until - life.from) / twelfths;
  constexpr auto most = std::numeric_limits<std::uint16_t>::max();
  auto jitter = part / most * get_be<std::uint16_t>(digest.data());
  return life.from + earliest * part + jitter;
}

std::chrono::milliseconds renewal_pause(unsigned failures, std::chrono::milliseconds left, double spread) {
  constexpr std::chrono::milliseconds first = 1min, most = 6h, least = 1s;
  constexpr unsigned most_doublings = 9;
  constexpr int looks_in_what_is_left = 8;
  auto pause = std::min(first * (1 << std::min(failures, most_doublings)) / 2, most);
  pause = std::clamp(pause, least, std::max(left / looks_in_what_is_left, least));
  constexpr double narrowest = 0.75, width = 0.5;
  return std::chrono::duration_cast<std::chrono::milliseconds>(pause * (narrowest + width * spread));
}

trust::clock_time renewal_earliest(const own_life& life) { return life.from + (life.until - life.from) / 2; }

} // namespace hublink
