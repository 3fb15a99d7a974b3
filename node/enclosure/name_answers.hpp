#pragma once
/// Answers a program's name look-ups in the place of the machine's name servers (RFC 1035): a name gets an
/// address of 198.18.0.0/15 (RFC 2544) that stands in for it. Nobody is asked. Pure.
#include "protocol/base/address.hpp"
#include "protocol/base/bytes.hpp"

#include <map>
#include <string>
#include <vector>

namespace hublink {

class name_answers {
 public:
  /// Patterns as of `hublink wrap --names`; without any, every name fits.
  explicit name_answers(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}

  /// The answer to a question; nothing if it is none.
  std::optional<bytes> answer(byte_view question);
  /// What that address stands in for; null: for nothing.
  const std::string* behind(const ip_address& address) const;

 private:
  bool fits(std::string_view name) const;
  std::optional<std::uint32_t> stand_in(const std::string& name);

  std::vector<std::string> patterns_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::vector<std::string> names_; ///< by number
};

} // namespace hublink
