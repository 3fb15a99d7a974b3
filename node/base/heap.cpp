#include "node/base/heap.hpp"

#include <algorithm>
#include <fstream>
#include <malloc.h>
#include <unistd.h>

namespace hublink {

namespace {

/// Less is not worth the walk through all of it.
constexpr std::size_t worth_a_walk = 16 << 20;

/// Bytes of memory that the process holds beyond what is in use, stacks and the program's own data included.
std::size_t held_without_use() {
  std::size_t whole = 0, resident = 0, shared = 0;
  std::ifstream{"/proc/self/statm"} >> whole >> resident >> shared;
  const auto held = (resident - std::min(shared, resident)) * std::size_t(::sysconf(_SC_PAGESIZE));
  const auto heap = ::mallinfo2();
  return held - std::min(held, heap.uordblks + heap.hblkhd);
}

} // namespace

void heap_keeper::give_back() {
  const auto now = held_without_use();
  in_pieces_ = std::min(in_pieces_, now);
  if (now < in_pieces_ + worth_a_walk) return;
  ::malloc_trim(0);
  in_pieces_ = held_without_use();
}

} // namespace hublink
