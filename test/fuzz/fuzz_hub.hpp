#pragma once
/// A hub whose doings are an input: what happens to each record of one direction, and which steps on the
/// files fail.
#include "end_driver.hpp"

namespace hublink::fuzz {

/// Reads an input from its front; zeros when it is used up.
class script {
 public:
  explicit script(byte_view data) : data_(data) {}

  std::uint8_t number();
  bytes some_bytes(); ///< up to 255
  bool used_up() const { return data_.empty(); }

 private:
  byte_view data_;
};

/// One transfer with that hub between its ends. Aborts if an end that checks signatures calls something done
/// that isn't.
void run_transfer(byte_view input, bool aim_at_receiver);

} // namespace hublink::fuzz
