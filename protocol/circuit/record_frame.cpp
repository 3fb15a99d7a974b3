#include "protocol/circuit/record_frame.hpp"

#include <algorithm>

namespace hublink {

std::string_view to_string(record_type type) {
  switch (type) {
  case record_type::offer:
    return "offer";
  case record_type::header:
    return "header";
  case record_type::envelopes:
    return "envelopes";
  case record_type::chunk:
    return "chunk";
  case record_type::end:
    return "end";
  case record_type::abort:
    return "abort";
  case record_type::ready:
    return "ready";
  case record_type::progress:
    return "progress";
  case record_type::receipt:
    return "receipt";
  case record_type::refusal:
    return "refusal";
  case record_type::job_result:
    return "job_result";
  case record_type::request:
    return "request";
  case record_type::answer:
    return "answer";
  case record_type::batch:
    return "batch";
  case record_type::segment:
    return "segment";
  case record_type::spool_ready:
    return "spool_ready";
  case record_type::branch:
    return "branch";
  case record_type::definition:
    return "definition";
  case record_type::word:
    return "word";
  case record_type::known:
    return "known";
  case record_type::status:
    return "status";
  case record_type::load_begin:
    return "load_begin";
  case record_type::load:
    return "load";
  case record_type::load_end:
    return "load_end";
  case record_type::load_result:
    return "load_result";
  }
  return "unknown";
}

std::uint32_t max_body(record_type type) {
  switch (type) {
  case record_type::offer:
  case record_type::envelopes:
  case record_type::status:
  case record_type::load_result:
    return 64 * 1024;
  case record_type::load:
    return 256 * 1024;
  case record_type::batch:
    return max_batch;
  case record_type::chunk:
    return max_chunk + tag_size;
  case record_type::load_begin:
  case record_type::load_end:
    return 2 * 1024;
  case record_type::ready:
  case record_type::known:
    return 16 * 1024;
  case record_type::branch:
    return 20 * 1024;
  case record_type::header:
  case record_type::end:
  case record_type::abort:
  case record_type::receipt:
  case record_type::refusal:
  case record_type::job_result:
  case record_type::request:
  case record_type::answer:
  case record_type::spool_ready:
  case record_type::word:
    return 8 * 1024;
  case record_type::definition:
    return 1'000'000;
  case record_type::segment:
  case record_type::progress:
    return sizeof(std::uint64_t);
  }
  return 0;
}

void put_record_head(std::byte* at, record_type type, std::size_t body_size) {
  put_be(at, static_cast<std::uint32_t>(body_size));
  at[4] = std::byte(type);
}

bytes make_record(record_type type, byte_view body) {
  bytes made(record_head + body.size());
  put_record_head(made.data(), type, body.size());
  std::ranges::copy(body, made.begin() + record_head);
  return made;
}

std::span<std::byte> record_reader::room() {
  if (filled_ < record_head) return std::span{head_}.subspan(filled_);
  return body_.subspan(std::min(filled_ - record_head, body_.size()));
}

std::size_t record_reader::elsewhere() const {
  return filled_ < record_head + body_.size() ? 0 : size_ - filled_;
}

outcome<bool> record_reader::filled(std::size_t count) {
  bool in_head = filled_ < record_head;
  filled_ += count;
  if (filled_ < record_head) return false;
  if (in_head) {
    auto size = get_be<std::uint32_t>(head_.data());
    auto limit = max_body(type());
    if (limit == 0) return {errc::bad_message, "a record of unknown type " + std::to_string(int(head_[4]))};
    if (size > limit)
      return {errc::bad_message,
              "a record " + std::string{to_string(type())} + " of " + std::to_string(size) + " bytes"};
    auto placed = place_(type(), size);
    if (!placed) return placed.error();
    body_ = *placed;
    size_ = record_head + size;
  }
  return filled_ == size_;
}

void record_reader::next() {
  filled_ = size_ = 0;
  body_ = {};
}

} // namespace hublink
