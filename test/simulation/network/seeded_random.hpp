#pragma once
/// What OpenSSL draws, by a seed: keys, nonces, and so the lengths of signatures and what a bit that flips
/// hits.
#include <cstdint>
#include <random>

namespace hublink::sim {

/// The latest one that is alive counts. For one thread.
class seeded_random {
 public:
  explicit seeded_random(std::uint64_t seed);
  ~seeded_random();
  seeded_random(const seeded_random&) = delete;

 private:
  static int fill(unsigned char* into, int size);

  std::mt19937_64 source_;
};

} // namespace hublink::sim
