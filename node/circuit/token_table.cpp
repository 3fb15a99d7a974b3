#include "node/circuit/token_table.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <cstdlib>

namespace hublink {
namespace {

constexpr std::size_t index_size = 8;

std::uint64_t index_of(const token& key) { return get_be<std::uint64_t>(key.data()); }

} // namespace

token make_token() {
  token made;
  // Without random numbers no circuit is safe, and OpenSSL's generator does not recover.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(made.data()), made.size()) != 1) std::abort();
  return made;
}

void token_table::add(const token& key, place where, time_point now) {
  entries_.insert_or_assign(index_of(key), entry{key, where, now + lifetime});
  order_.emplace_back(now + lifetime, index_of(key));
}

std::optional<token_table::place> token_table::claim(const token& key, time_point now) {
  auto found = entries_.find(index_of(key));
  if (found == entries_.end() || found->second.deadline <= now) return {};
  auto& kept = found->second.key;
  if (CRYPTO_memcmp(kept.data() + index_size, key.data() + index_size, kept.size() - index_size) != 0)
    return {};
  auto where = found->second.where;
  entries_.erase(found);
  return where;
}

void token_table::forget(circuit_id circuit) {
  std::erase_if(entries_, [circuit](auto& entry) { return entry.second.where.circuit == circuit; });
}

std::vector<token_table::place> token_table::expire(time_point now) {
  std::vector<place> late;
  for (; !order_.empty() && order_.front().first <= now; order_.pop_front()) {
    auto found = entries_.find(order_.front().second);
    if (found == entries_.end()) continue;
    late.push_back(found->second.where);
    entries_.erase(found);
  }
  return late;
}

std::optional<token_table::time_point> token_table::next_deadline() {
  while (!order_.empty() && !entries_.contains(order_.front().second)) order_.pop_front();
  if (order_.empty()) return {};
  return order_.front().first;
}

} // namespace hublink
