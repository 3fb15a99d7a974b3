#pragma once
/// RFC 1071.
#include "protocol/base/bytes.hpp"

namespace hublink {

/// Adds up 16-bit words; an odd octet at the end of a part counts as if a zero followed.
class internet_checksum {
 public:
  explicit internet_checksum(std::uint32_t begin = 0) : sum_(begin) {}

  internet_checksum& add(byte_view part) {
    for (std::size_t at = 0; at < part.size(); at += 2)
      sum_ += std::to_integer<std::uint32_t>(part[at]) << 8 |
              (at + 1 < part.size() ? std::to_integer<std::uint32_t>(part[at + 1]) : 0);
    return *this;
  }
  std::uint16_t value() const {
    auto folded = sum_;
    while (folded >> 16) folded = (folded & 0xffff) + (folded >> 16);
    return static_cast<std::uint16_t>(~folded);
  }

 private:
  std::uint32_t sum_;
};

} // namespace hublink
