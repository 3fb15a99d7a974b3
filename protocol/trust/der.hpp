#pragma once
/// Reads DER (X.690), a value at a time: tags of one byte, definite lengths in their shortest form. Anything
/// else is none. Copies nothing, never throws, knows no types.
#include "protocol/base/bytes.hpp"

namespace hublink {

namespace der {

enum class tag : std::uint8_t {
  integer = 0x02,
  bit_string = 0x03,
  sequence = 0x30,
  context_0 = 0xA0,
  context_3 = 0xA3,
};

struct value {
  byte_view whole, content;
};

} // namespace der

/// Goes through `from`, which must outlive it. The first problem stays: later reads give nothing.
class der_reader {
 public:
  explicit der_reader(byte_view from) : rest_(from) {}

  /// The next value, which must have that tag.
  der::value take(der::tag expected);
  bool is_next(der::tag expected) const { return !rest_.empty() && rest_[0] == std::byte(expected); }
  /// All was read, without a problem.
  bool at_end() const { return !failed_ && rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  bool failed_ = false;
  byte_view rest_;
};

/// Whether it is exactly one INTEGER of 1 to `most` bytes above zero, in the shortest form.
bool is_positive_integer(byte_view content, std::size_t most);

} // namespace hublink
