#include "protocol/transfer/receiving_end.hpp"

namespace hublink {

outcome<std::span<std::byte>> receiving_end::place(record_type type, std::uint32_t size) {
  bool abort = type == record_type::abort && phase_ != phase::offer;
  bool alive = type == record_type::progress && (phase_ == phase::header || is_broadcast());
  bool further =
      type == record_type::segment && stream_ && (phase_ == phase::content || phase_ == phase::end);
  bool expected = type == expected_in(phase_);
  if (expected || abort || alive || (further && is_broadcast())) {
    if (type != record_type::chunk) return small_body(size);
    if (phase_ == phase::metadata && size <= max_metadata + tag_size) return small_body(size);
    if (phase_ == phase::content)
      if (auto sealed = stream_->room(); sealed.size() == size) return sealed;
  }
  // What a signed header started comes whole and in order, or somebody on the way had a hand in it.
  auto code = phase_ > phase::header ? errc::tampered : errc::bad_message;
  auto next = stream_ ? ": " + stream_->position() + " is next" : std::string{};
  return {code, "a record " + std::string{to_string(type)} + " of " + std::to_string(size) +
                    " bytes that must not come now" + next};
}

void receiving_end::take(record_type type, byte_view body) {
  if (type == record_type::abort) return take_abort(body);
  if (type == record_type::progress) return;
  auto taken = type == record_type::segment ? take_segment(body) : take_expected(body);
  if (!taken) fail(taken.error());
}

outcome<> receiving_end::take_expected(byte_view body) {
  switch (phase_) {
  case phase::offer:
    return take_offer(body);
  case phase::header:
    if (auto read = transcript_.read_header(body); !read) return read;
    wait(phase::envelopes);
    return {};
  case phase::envelopes:
    return take_envelopes(body);
  case phase::metadata:
    return take_metadata(body);
  case phase::content:
    return take_chunk();
  default:
    return take_end(body);
  }
}

outcome<> receiving_end::take_offer(byte_view body) {
  auto offer = transcript_.read_offer(body);
  if (!offer) return offer.error();
  ask_again();
  return {};
}

outcome<> receiving_end::take_segment(byte_view body) {
  if (auto read = transcript_.read_segment(body); !read) return read;
  if (stream_) transcript_.go_on_from(stream_->next_chunk());
  wait(phase::header);
  return {};
}

/// Of all that is there already.
file_digest receiving_end::digest_so_far() {
  if (stream_) return stream_->take_digest();
  if (prefix_ && transcript_.start() > 0) return prefix_->take_digest();
  return file_digest{transcript_.digest()};
}

outcome<> receiving_end::take_envelopes(byte_view body) {
  auto stream = transcript_.read_envelopes(body, digest_so_far());
  if (!stream) return unopened(stream.error());
  stream_ = std::move(*stream);
  wait(phase::metadata);
  return {};
}

// The point lets the chunks behind what did not open come again, and with them envelopes and metadata.
outcome<> receiving_end::unopened(const failure& why) {
  if (is_broadcast() && why.code == errc::tampered) bad_chunk_ = transcript_.first_chunk();
  return why;
}

outcome<> receiving_end::take_metadata(byte_view body) {
  auto metadata = stream_->open_metadata(small_body(body.size())); // where it lies already
  if (!metadata) return unopened(metadata.error());
  auto& offer = transcript_.offer();
  if (offer.broadcast && metadata->size != offer.size)
    return {errc::tampered, "the file is not as long as its offer says"};
  if (created_further_) {
    go_on();
    return {};
  }
  created_further_ = offer.broadcast;
  progress_ = {transcript_.start(), metadata->size, transcript_.start()};
  checkpoints_.start(transcript_.start() == 0 ? checkpoint{} : checkpoints_.safe(), transcript_.now());
  created_ = true; // also if it fails half-way
  start(phase::creating,
        create_file{offer.transfer, offer.generation, metadata->size, metadata->mode, transcript_.start()});
  return {};
}

outcome<> receiving_end::take_chunk() {
  auto content = stream_->open_chunk();
  if (!content) {
    if (transcript_.offer().broadcast) bad_chunk_ = stream_->next_chunk();
    return content.error();
  }
  if (content->empty()) {
    count_chunk();
    go_on();
  } else {
    start(phase::writing, write_file{stream_->passed(), *content});
  }
  return {};
}

outcome<> receiving_end::take_end(byte_view body) {
  auto found = stream_->digest();
  auto read = transcript_.read_end(body, progress_.size, found);
  // Nobody compared what an earlier attempt left here with the sender's file: it may be what is wrong.
  if (!read && is_broadcast()) checkpoints_.start({}, transcript_.now());
  if (!read) return read;
  digest_ = std::move(found);
  start(phase::syncing, sync_file{});
  return {};
}

void receiving_end::take_abort(byte_view body) {
  auto reason = transcript_.read_abort(body);
  if (!reason) return fail(reason.error());
  fail({reason->code, transcript_.sender(), reason->text}, false);
}

} // namespace hublink
