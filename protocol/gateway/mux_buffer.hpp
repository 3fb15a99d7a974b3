#pragma once
/// Bytes on their way to a socket: filled at the end, taken from the front, and never set to zero in between.
#include "protocol/base/bytes.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

namespace hublink {

class mux_buffer {
 public:
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  byte_view view() const { return {data_.get() + begin_, size()}; }

  /// Room for `count` more bytes; `added` says how many were filled. Older spans are void.
  std::span<std::byte> room(std::size_t count) {
    if (capacity_ - end_ < count) make_room(count);
    return {data_.get() + end_, count};
  }
  void added(std::size_t count) { end_ += count; }
  void append(byte_view data) {
    if (data.empty()) return;
    std::memcpy(room(data.size()).data(), data.data(), data.size());
    added(data.size());
  }
  void taken(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  /// Gives the memory back if nothing is inside.
  void release() {
    if (!empty()) return;
    data_.reset();
    begin_ = end_ = capacity_ = 0;
  }

 private:
  void make_room(std::size_t count) {
    auto filled = size();
    if (capacity_ >= filled + count && begin_ >= filled) {
      std::memcpy(data_.get(), data_.get() + begin_, filled);
    } else {
      capacity_ = std::max(2 * capacity_, filled + count);
      std::unique_ptr<std::byte[]> larger(new std::byte[capacity_]);
      if (filled > 0) std::memcpy(larger.get(), data_.get() + begin_, filled);
      data_ = std::move(larger);
    }
    begin_ = 0;
    end_ = filled;
  }

  std::unique_ptr<std::byte[]> data_;
  std::size_t begin_ = 0, end_ = 0, capacity_ = 0;
};

} // namespace hublink
