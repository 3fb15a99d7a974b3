#include "note_text.hpp"

#include <cstring>

namespace hublink::wrap {

namespace {

constexpr int number_size = note_numbers::bits / 8;
constexpr std::size_t digest_size = 3;
constexpr unsigned char v6_bit = 1, lingers_bit = 2;

struct note_text {
  unsigned char octets[note_numbers::count * number_size];
};

/// Copies each member to the text, or from there; as many bytes as the text has.
template <class Note, class Copy>
void each_member(Note& what, Copy copy) {
  copy(what.original.octets);
  copy(what.original.port);
  copy(what.opening);
  copy(what.low_water);
  copy(what.at_close.l_linger);
  copy(what.user_timeout_ms);
  copy(what.owner);
}
constexpr std::size_t members_size = 16 + 2 + 5 * 4;
static_assert(digest_size + members_size + 1 == sizeof(note_text));

/// FNV-1a, folded: numbers of somebody else, or of two notes, don't have it.
std::uint32_t digest_of(const note_text& text) {
  std::uint32_t digest = 2'166'136'261;
  for (auto at = digest_size; at < sizeof text.octets; ++at) digest = (digest ^ text.octets[at]) * 16'777'619;
  return (digest >> 24) ^ (digest & 0xffffff);
}

} // namespace

note_numbers to_numbers(const note& what) {
  note_text text{};
  auto* next = text.octets + digest_size;
  each_member(what, [&](const auto& member) {
    std::memcpy(next, &member, sizeof member);
    next += sizeof member;
  });
  *next =
      static_cast<unsigned char>((what.original.v6 ? v6_bit : 0) | (what.at_close.l_onoff ? lingers_bit : 0));
  auto digest = digest_of(text);
  std::memcpy(text.octets, &digest, digest_size);
  note_numbers numbers{};
  for (int i = 0; i < note_numbers::count; ++i)
    std::memcpy(&numbers.each[i], text.octets + i * number_size, number_size);
  return numbers;
}

bool from_numbers(const note_numbers& numbers, note& into) {
  note_text text{};
  for (int i = 0; i < note_numbers::count; ++i)
    std::memcpy(text.octets + i * number_size, &numbers.each[i], number_size);
  std::uint32_t digest = 0;
  std::memcpy(&digest, text.octets, digest_size);
  if (digest != digest_of(text)) return false;
  const auto* next = text.octets + digest_size;
  each_member(into, [&](auto& member) {
    std::memcpy(&member, next, sizeof member);
    next += sizeof member;
  });
  into.original.v6 = *next & v6_bit;
  into.at_close.l_onoff = (*next & lingers_bit) != 0;
  return true;
}

} // namespace hublink::wrap
