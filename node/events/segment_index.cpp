#include "node/events/segment_index.hpp"

#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>

namespace hublink {

namespace {

constexpr std::string_view index_magic = "hlindex1";
constexpr std::size_t record_head_size = 16; ///< offset, length, count of marks
constexpr std::size_t id_time_digits = 12;

template <class Number>
void put_number(std::string& into, Number value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  into.append(raw, sizeof value);
}

template <class Number>
Number number_at(std::string_view from, std::size_t at) {
  Number value{};
  std::memcpy(&value, from.data() + at, sizeof value);
  return value;
}

std::uint32_t mark_of(std::string_view transfer) {
  return static_cast<std::uint32_t>(XXH3_64bits(transfer.data(), transfer.size()));
}

std::optional<index_head> head_in(std::string_view text) {
  if (text.size() < index_head_size || !text.starts_with(index_magic)) return {};
  index_head head;
  head.first_id_ms = number_at<std::uint64_t>(text, 8);
  head.last_id_ms = number_at<std::uint64_t>(text, 16);
  head.written_ms = number_at<std::int64_t>(text, 24);
  return head;
}

/// Length of the record there; 0: none that can be one.
std::size_t record_length(std::string_view records, std::size_t at, std::uint64_t wanted_offset) {
  if (at + record_head_size > records.size()) return 0;
  auto offset = number_at<std::uint64_t>(records, at);
  auto length = number_at<std::uint32_t>(records, at + 8), count = number_at<std::uint32_t>(records, at + 12);
  auto size = record_head_size + std::size_t(count) * sizeof(std::uint32_t);
  if (offset != wanted_offset || length == 0 || size > records.size() - at) return 0;
  return size;
}

} // namespace

void index_head::note(std::uint64_t id_ms) {
  first_id_ms = std::min(first_id_ms, id_ms);
  last_id_ms = std::max(last_id_ms, id_ms);
}

std::uint64_t time_of_id(std::string_view transfer) {
  auto digits = transfer.substr(0, id_time_digits);
  std::uint64_t ms = 0;
  auto [stop, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), ms, 16);
  return wrong == std::errc{} && stop == digits.data() + digits.size() ? ms : 0;
}

// A quote inside of a text stands behind a backslash, so this is never one's content.
std::string_view transfer_in(std::string_view line) {
  constexpr std::string_view key = "\"transfer\":\"";
  auto found = line.find(key);
  if (found == line.npos) return {};
  auto rest = line.substr(found + key.size());
  return rest.substr(0, std::min(rest.find('"'), rest.size()));
}

void block_ids::note(std::string_view transfer) { marks_.push_back(mark_of(transfer)); }

std::string block_ids::record(const event_block& of) {
  std::ranges::sort(marks_);
  marks_.erase(std::unique(marks_.begin(), marks_.end()), marks_.end());
  std::string text;
  text.reserve(record_head_size + marks_.size() * sizeof(std::uint32_t));
  put_number(text, of.offset);
  put_number(text, of.length);
  put_number(text, static_cast<std::uint32_t>(marks_.size()));
  for (auto mark : marks_) put_number(text, mark);
  return text;
}

std::string encode(const index_head& head) {
  std::string text{index_magic};
  put_number(text, head.first_id_ms);
  put_number(text, head.last_id_ms);
  put_number(text, head.written_ms);
  return text;
}

std::optional<index_head> segment_index::read_head(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::string text(index_head_size, '\0');
  if (!in.read(text.data(), std::streamsize(text.size()))) return {};
  return head_in(text);
}

std::optional<segment_index> segment_index::read(const std::filesystem::path& file) {
  std::error_code problem;
  auto size = std::filesystem::file_size(file, problem);
  std::ifstream in{file, std::ios::binary};
  if (problem || !in || size < index_head_size) return {};
  segment_index index;
  index.records_.resize(size);
  in.read(index.records_.data(), std::streamsize(size));
  index.records_.resize(std::size_t(in.gcount()));
  auto head = head_in(index.records_);
  if (!head) return {};
  index.head_ = *head;
  index.size_ = index_head_size;
  while (auto length = record_length(index.records_, index.size_, index.covered_)) {
    index.covered_ += number_at<std::uint32_t>(index.records_, index.size_ + 8);
    index.size_ += length;
  }
  index.records_.resize(index.size_);
  return index;
}

std::vector<event_block> segment_index::blocks_of(std::string_view transfer) const {
  const auto wanted = mark_of(transfer);
  std::vector<event_block> found;
  for (std::size_t at = index_head_size; at < records_.size();) {
    event_block block{number_at<std::uint64_t>(records_, at), number_at<std::uint32_t>(records_, at + 8)};
    auto count = number_at<std::uint32_t>(records_, at + 12);
    auto first = at + record_head_size;
    std::size_t low = 0, high = count; // sorted, but perhaps not aligned
    while (low < high) {
      auto middle = (low + high) / 2;
      if (number_at<std::uint32_t>(records_, first + middle * sizeof wanted) < wanted)
        low = middle + 1;
      else
        high = middle;
    }
    if (low < count && number_at<std::uint32_t>(records_, first + low * sizeof wanted) == wanted)
      found.push_back(block);
    at = first + std::size_t(count) * sizeof wanted;
  }
  return found;
}

std::filesystem::path index_of(const std::filesystem::path& segment) {
  auto file = segment;
  file += ".index";
  return file;
}

} // namespace hublink
