#include "protocol/circuit/transfer_key.hpp"

#include "protocol/circuit/statement.hpp"

namespace hublink {

transfer_key key_of(const transfer_offer& offer) { return {offer.transfer, offer.sender, offer.file}; }

std::string storage_name(const transfer_key& key) {
  bytes parts;
  for (const auto* part : {&key.sender, &key.file, &key.transfer}) {
    std::byte length[4];
    put_be(length, static_cast<std::uint32_t>(part->size()));
    parts.insert(parts.end(), length, length + sizeof length);
    parts.insert(parts.end(), as_bytes(*part).begin(), as_bytes(*part).end());
  }
  const auto hash = hash_of(parts);
  return key.transfer + "-" + to_hex(byte_view{hash}.first(8));
}

} // namespace hublink
