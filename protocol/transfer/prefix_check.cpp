#include "protocol/transfer/prefix_check.hpp"

#include <algorithm>

namespace hublink {
namespace {

constexpr std::size_t piece = 1 << 20;
constexpr std::uint64_t report_every = 64 << 20;

} // namespace

prefix_check::prefix_check(checkpoint expected) : expected_(std::move(expected)) {
  for (auto kind : {digest_kind::xxh128, digest_kind::sha256})
    if (is_digest(expected_.digest, kind)) digest_.emplace(kind);
  buffer_.resize(std::min<std::uint64_t>(piece, expected_.bytes));
}

prefix_check::prefix_check(std::uint64_t size, digest_kind kind)
    : expected_{size, {}}, trusts_(true), digest_(file_digest{kind}) {
  buffer_.resize(std::min<std::uint64_t>(piece, size));
}

read_file prefix_check::next() {
  auto size = std::min<std::uint64_t>(buffer_.size(), expected_.bytes - read_);
  return {read_, std::span{buffer_}.first(size)};
}

void prefix_check::read() {
  auto content = next().into;
  if (digest_) digest_->add(content);
  read_ += content.size();
}

bool prefix_check::should_report() {
  if (read_ - reported_ < report_every) return false;
  reported_ = read_;
  return true;
}

} // namespace hublink
