#pragma once
/// A sender HOST1 and a receiver HOST2 of the file FILE01, under one CA, with a circuit between them.
#include "end_driver.hpp"
#include "test_ca.hpp"

#include "protocol/transfer/transfer_ends.hpp"

namespace hublink::test {

inline const transfer_id some_transfer = "0190a1b2c3d4e5f60718293a4b5c6d7e";
inline const std::string some_open_id = "0123456789abcdef";

bytes some_content(std::size_t size);

struct transfer_fixture {
  transfer_fixture();

  /// One attempt. The driver's state stays for the next one.
  void run(unsigned seed = 1);
  /// Every record to the receiver goes through `change` first.
  void change_records(std::function<std::vector<bytes>(const passing_record&)> change);
  bool published() const { return driver.target.published.has_value(); }
  /// The receiver ended with `expected`, its file is gone, and the sender didn't call it done.
  void check_refused(errc expected) const;

  test_ca network;
  sending_end_config sending;
  receiving_end_config receiving;
  end_driver driver;
};

/// With one bit of byte `at` (from the end if negative) changed.
bytes with_flipped_bit(bytes data, std::ptrdiff_t at);

} // namespace hublink::test
