#include "protocol/transfer/incoming_records.hpp"

namespace hublink {

bool incoming_records::may_come(record_type type) const {
  switch (type) {
  case record_type::offer:
    return next_ == expected::offer;
  case record_type::segment: // before the first header, and where another attempt of the sender goes on
    return is_broadcast() && (next_ == expected::segment || (stream_ && next_ >= expected::content));
  case record_type::header:
    return next_ == expected::header;
  case record_type::envelopes:
    return next_ == expected::envelopes;
  case record_type::chunk:
    return next_ == expected::metadata || next_ == expected::content;
  case record_type::end:
    return next_ == expected::end;
  case record_type::abort:
    return next_ != expected::offer;
  case record_type::progress: // a sign of life, as READY said
    return next_ != expected::offer;
  default:
    return false;
  }
}

outcome<std::span<std::byte>> incoming_records::place(record_type type, std::uint32_t size) {
  bool is_content = type == record_type::chunk && next_ == expected::content;
  bool is_metadata = type == record_type::chunk && next_ == expected::metadata;
  if (may_come(type) && is_content)
    if (auto sealed = stream_->room(); sealed.size() == size) return sealed;
  if (may_come(type) && !is_content && (!is_metadata || size <= max_metadata + tag_size)) {
    small_body_.resize(size);
    return std::span{small_body_};
  }
  // What a signed header started comes whole and in order, or somebody on the way had a hand in it.
  auto code = next_ > expected::header ? errc::tampered : errc::bad_message;
  auto next = stream_ ? ": " + stream_->position() + " is next" : std::string{};
  return {code, "a record " + std::string{to_string(type)} + " of " + std::to_string(size) +
                    " bytes that must not come now" + next};
}

outcome<incoming_news> incoming_records::take(record_type type, byte_view body) {
  if (type == record_type::abort) return take_abort(body);
  if (type == record_type::progress) return incoming_news{};
  if (type == record_type::segment) return take_segment(body);
  return take_expected(body);
}

outcome<incoming_news> incoming_records::take_expected(byte_view body) {
  switch (next_) {
  case expected::offer:
    return take_offer(body);
  case expected::header:
    return take_header(body);
  case expected::envelopes:
    return take_envelopes(body);
  case expected::metadata:
    return take_metadata();
  case expected::content:
    return take_chunk();
  default:
    return take_end(body);
  }
}

outcome<incoming_news> incoming_records::take_offer(byte_view body) {
  auto offer = transcript_.read_offer(body);
  if (!offer) return offer.error();
  next_ = offer->broadcast ? expected::segment : expected::header;
  return incoming_news{incoming::offer{}};
}

outcome<incoming_news> incoming_records::take_segment(byte_view body) {
  if (auto read = transcript_.read_segment(body); !read) return read.error();
  if (stream_) transcript_.go_on_from(stream_->next_chunk());
  next_ = expected::header;
  return incoming_news{};
}

outcome<incoming_news> incoming_records::take_header(byte_view body) {
  if (auto read = transcript_.read_header(body); !read) return read.error();
  next_ = expected::envelopes;
  return incoming_news{};
}

/// Of all that is there already.
file_digest incoming_records::digest_so_far() {
  if (stream_) return stream_->take_digest();
  if (before_ && transcript_.start() > 0) return std::move(*before_);
  return file_digest{transcript_.digest()};
}

outcome<incoming_news> incoming_records::take_envelopes(byte_view body) {
  auto stream = transcript_.read_envelopes(body, digest_so_far());
  if (!stream) return unopened(stream.error(), transcript_.first_chunk());
  stream_ = std::move(*stream);
  next_ = expected::metadata;
  return incoming_news{};
}

// The point lets the chunks behind what did not open come again, and with them envelopes and metadata.
failure incoming_records::unopened(const failure& why, std::uint64_t chunk) {
  if (is_broadcast() && why.code == errc::tampered) bad_chunk_ = chunk;
  return why;
}

outcome<incoming_news> incoming_records::take_metadata() {
  auto metadata = stream_->open_metadata(small_body_); // where it lies already
  if (!metadata) return unopened(metadata.error(), transcript_.first_chunk());
  if (is_broadcast() && metadata->size != transcript_.offer().size)
    return {errc::tampered, "the file is not as long as its offer says"};
  expect_content();
  if (file_is_known_) return incoming_news{incoming::further_segment{}};
  file_is_known_ = true;
  return incoming_news{incoming::file{metadata->size, metadata->mode}};
}

outcome<incoming_news> incoming_records::take_chunk() {
  auto content = stream_->open_chunk();
  if (!content) return unopened(content.error(), stream_->next_chunk());
  return incoming_news{incoming::content{stream_->passed(), *content}};
}

void incoming_records::advance() {
  stream_->advance();
  expect_content();
}

outcome<incoming_news> incoming_records::take_end(byte_view body) {
  auto found = stream_->digest();
  if (auto read = transcript_.read_end(body, stream_->size(), found); !read) return read.error();
  return incoming_news{incoming::end{std::move(found)}};
}

outcome<incoming_news> incoming_records::take_abort(byte_view body) {
  auto reason = transcript_.read_abort(body);
  if (!reason) return reason.error();
  return incoming_news{incoming::abort{said_by_end({reason->code, transcript_.sender(), reason->text})}};
}

} // namespace hublink
