#pragma once
/// Reads the fields of one CBOR map with their bounds. The first problem is kept and later reads give
/// defaults, so that a message's fields can be read in one go. For codecs only: it brings nlohmann/json.
#include "protocol/base/bytes.hpp"

#include <nlohmann/json.hpp>

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace hublink::cbor {

using json = nlohmann::json;

inline constexpr std::size_t max_name = 255;  ///< bytes; a node's name, a file ID
inline constexpr std::size_t max_text = 1024; ///< bytes; a failure's text
inline constexpr std::size_t max_list = 4096; ///< names in a list

class fields {
 public:
  explicit fields(const json& object) : object_(object) {}

  /// 1 to `max_name` bytes of printable UTF-8.
  std::string name(const char* key);
  std::optional<std::string> optional_name(const char* key);
  /// Up to `max_list` names; none if absent.
  std::vector<std::string> names(const char* key);
  /// 0 to `max_size` bytes of printable UTF-8; empty if absent.
  std::string text(const char* key, std::size_t max_size);
  std::uint64_t number(const char* key, std::uint64_t least = 0,
                       std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
  bool flag(const char* key); ///< false if absent
  /// Up to `limit` bytes.
  bytes binary(const char* key, std::size_t limit);
  transfer_id transfer(const char* key);
  token key_of(const char* key);
  std::optional<token> optional_key(const char* key);

  const json* find(const char* key) const;
  void wrong(const char* key, const char* expected);
  /// Empty, or the first problem: `field "n": expected a number`.
  const std::string& problem() const { return problem_; }

 private:
  bool is_name(const json* value) const;

  const json& object_;
  std::string problem_;
};

/// The map in `cbor`; nothing if it is not exactly one map of plain items, nested at most 8 deep, 16,384 in
/// all.
std::optional<json> parse_map(byte_view cbor);
json to_binary(byte_view data);
bytes to_bytes(const json& map);

} // namespace hublink::cbor
