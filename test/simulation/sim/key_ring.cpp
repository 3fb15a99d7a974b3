#include "simulation/sim/key_ring.hpp"

#include "simulation/network/world.hpp"

#include <stdexcept>

namespace hublink::sim {

namespace {

template <class T>
T must(outcome<T> made) {
  if (!made) throw std::runtime_error(to_string(made.error()));
  return std::move(*made);
}

std::uint64_t seed_of(const std::string& name, role holder, int renewed) {
  std::uint64_t seed = 1 + std::uint64_t(holder) + 3 * std::uint64_t(renewed);
  for (unsigned char each : name) seed = seed * 257 + each;
  return seed;
}

} // namespace

// Not by the seed of the world that asks first: others would get its keys.
key_ring& key_ring::of_process() {
  static key_ring ring = [] {
    seeded_random keys{0};
    return key_ring{};
  }();
  return ring;
}

key_ring::key_ring()
    : when_{first_morning - std::chrono::hours{24}, first_morning + std::chrono::hours{24 * 365}},
      ca_(must(make_ca("simulated CA", when_))), list_(must(make_crl(ca_, "", "", when_))),
      trust_(must(trust::make(ca_.cert_pem, list_))) {}

std::shared_ptr<const identity> key_ring::of(const std::string& name, role holder, int renewed) {
  auto& kept = made_[{name, holder, renewed}];
  if (!kept) {
    seeded_random keys{seed_of(name, holder, renewed)};
    auto issued = must(issue(ca_, name, holder, when_));
    kept = must(identity::make(issued.cert_pem, issued.key_pem));
  }
  return kept;
}

} // namespace hublink::sim
