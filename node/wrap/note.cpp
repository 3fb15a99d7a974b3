#include "note.hpp"
#include "real.hpp"

#include <cstring>
#include <linux/filter.h>

namespace hublink::wrap {

namespace {

constexpr std::uint32_t magic = 0x68756231; // "hub1"

/// In the order of the filter's constants.
struct words {
  std::uint32_t magic, kind_and_port, address[4], opening, low_water, linger_on, linger_s, user_timeout_ms,
      owner;
};
constexpr unsigned word_count = sizeof(words) / sizeof(std::uint32_t);
constexpr unsigned filter_size = word_count + 2; ///< a jump over the words, and the end
constexpr std::uint32_t v6_bit = 1u << 16;
constexpr std::uint32_t whole_packet = 0xffffffff;

} // namespace

bool read_note(int fd, note& into) {
  sock_filter filter[filter_size];
  socklen_t count = filter_size; // of instructions
  if (real().getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, filter, &count) != 0 || count != filter_size)
    return false;
  std::uint32_t values[word_count];
  for (unsigned i = 0; i < word_count; ++i) values[i] = filter[1 + i].k;
  words found;
  std::memcpy(&found, values, sizeof found);
  if (found.magic != magic) return false;
  into.original.v6 = found.kind_and_port & v6_bit;
  into.original.port = static_cast<std::uint16_t>(found.kind_and_port);
  std::memcpy(into.original.octets, found.address, sizeof into.original.octets);
  into.opening = found.opening;
  into.low_water = static_cast<int>(found.low_water);
  into.at_close = {static_cast<int>(found.linger_on), static_cast<int>(found.linger_s)};
  into.user_timeout_ms = found.user_timeout_ms;
  into.owner = static_cast<pid_t>(found.owner);
  return true;
}

bool write_note(int fd, const note& what) {
  words said{magic,
             what.original.port | (what.original.v6 ? v6_bit : 0),
             {},
             what.opening,
             static_cast<std::uint32_t>(what.low_water),
             static_cast<std::uint32_t>(what.at_close.l_onoff),
             static_cast<std::uint32_t>(what.at_close.l_linger),
             what.user_timeout_ms,
             static_cast<std::uint32_t>(what.owner)};
  std::memcpy(said.address, what.original.octets, sizeof said.address);
  std::uint32_t values[word_count];
  std::memcpy(values, &said, sizeof said);
  sock_filter filter[filter_size];
  filter[0] = {BPF_JMP | BPF_JA, 0, 0, word_count};
  for (unsigned i = 0; i < word_count; ++i) filter[1 + i] = {BPF_LD | BPF_IMM, 0, 0, values[i]};
  filter[filter_size - 1] = {BPF_RET | BPF_K, 0, 0, whole_packet};
  note before;
  socklen_t count = 0;
  bool has_another = real().getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, nullptr, &count) != 0 ||
                     (count > 0 && !read_note(fd, before));
  if (has_another) return false;
  sock_fprog program{filter_size, filter};
  return ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

void erase_note(int fd) {
  int ignored = 0;
  note before;
  if (read_note(fd, before)) ::setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof ignored);
}

} // namespace hublink::wrap
