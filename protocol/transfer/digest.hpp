#pragma once
/// The digest of a whole file, taken while it passes.
#include "protocol/base/bytes.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace hublink {

enum class digest_kind : std::uint8_t { xxh128, sha256 };

class file_digest {
 public:
  explicit file_digest(digest_kind kind);
  ~file_digest();
  file_digest(file_digest&&) noexcept;
  file_digest& operator=(file_digest&&) noexcept;

  void add(byte_view data);
  /// `xxh128:` and 32 hex digits, as `xxhsum -H2` prints them, or `sha256:` and 64. More may be added
  /// afterwards.
  std::string text() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

std::string_view to_string(digest_kind kind);
std::optional<digest_kind> digest_kind_from_string(std::string_view name);
/// Is this the text of a digest of that kind?
bool is_digest(std::string_view text, digest_kind kind);

} // namespace hublink
