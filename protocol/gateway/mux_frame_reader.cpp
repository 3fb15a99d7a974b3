#include "protocol/gateway/mux_frame_reader.hpp"

#include <algorithm>
#include <utility>

namespace hublink {

outcome<bool> mux_frame_reader::take_head(byte_view& data) {
  std::span<const std::byte, mux_head_size> raw{partial_.data(), mux_head_size};
  if (partial_.empty() && data.size() >= mux_head_size) {
    raw = data.first<mux_head_size>();
    data = data.subspan(mux_head_size);
  } else {
    auto more = std::min(mux_head_size - partial_.size(), data.size());
    partial_.insert(partial_.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(more));
    data = data.subspan(more);
    if (partial_.size() < mux_head_size) return false;
    raw = std::span<const std::byte, mux_head_size>{partial_.data(), mux_head_size};
  }
  auto head = read_head(raw);
  partial_.clear();
  if (!head) return head.error();
  head_ = *head;
  missing_ = head_.size;
  return true;
}

outcome<std::optional<mux_frame_reader::part>> mux_frame_reader::next(byte_view& data) {
  using found = std::optional<part>;
  if (missing_ == 0) {
    auto known = take_head(data);
    if (!known) return known.error();
    if (!*known) return found{};
    if (missing_ == 0) return found{part{head_, {}}};
  }
  auto piece = data.first(std::min(missing_, data.size()));
  if (piece.empty()) return found{};
  data = data.subspan(piece.size());
  missing_ -= piece.size();
  if (head_.type == mux_type::data || (partial_.empty() && missing_ == 0)) return found{part{head_, piece}};
  partial_.insert(partial_.end(), piece.begin(), piece.end());
  if (missing_ > 0) return found{};
  whole_ = std::exchange(partial_, {});
  return found{part{head_, whole_}};
}

} // namespace hublink
