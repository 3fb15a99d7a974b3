#include "protocol/circuit/transfer_key.hpp"

#include "protocol/circuit/statement.hpp"

#include <charconv>

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
  const auto name = key.transfer + "-" + to_hex(byte_view{hash}.first(8));
  return key.part == 0 ? name : name + "-" + std::to_string(key.part);
}

std::uint32_t part_of(std::string_view storage_name) {
  const auto first = storage_name.find('-'), last = storage_name.rfind('-');
  std::uint32_t part = 0;
  if (first == last) return part;
  const auto digits = storage_name.substr(last + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), part);
  return part;
}

} // namespace hublink
