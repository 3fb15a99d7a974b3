#pragma once
/// What a node takes of its machine: time and chance.
#include <openssl/rand.h>

#include <chrono>
#include <cstdint>

namespace hublink {

inline std::chrono::system_clock::time_point wall_clock() { return std::chrono::system_clock::now(); }

inline std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(wall_clock().time_since_epoch()).count();
}

inline std::uint64_t random_number() {
  std::uint64_t value = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value);
  return value;
}

} // namespace hublink
