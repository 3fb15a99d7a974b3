#include "simulation/network/seeded_random.hpp"

#include <openssl/rand.h>

#include <vector>

// OpenSSL 3 has no other way to this but a provider.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace hublink::sim {

namespace {

std::vector<std::mt19937_64*>& sources() {
  static std::vector<std::mt19937_64*> alive;
  return alive;
}

int is_seeded() { return 1; }

} // namespace

seeded_random::seeded_random(std::uint64_t seed) : source_(seed) {
  static const RAND_METHOD method{nullptr, &fill, nullptr, nullptr, &fill, &is_seeded};
  sources().push_back(&source_);
  RAND_set_rand_method(&method);
}

seeded_random::~seeded_random() {
  std::erase(sources(), &source_);
  if (sources().empty()) RAND_set_rand_method(nullptr);
}

int seeded_random::fill(unsigned char* into, int size) {
  auto& source = *sources().back();
  for (int at = 0; at < size; ++at) into[at] = static_cast<unsigned char>(source() >> 56);
  return 1;
}

} // namespace hublink::sim
