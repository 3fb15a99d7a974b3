#include "protocol/transfer/file_sender.hpp"

#include "protocol/circuit/record_end.hpp"

#include <algorithm>
#include <utility>

namespace hublink {

question::source file_sender::opened(const file_facts& found) {
  is_open_ = true;
  facts_ = found;
  if (!was_sent_earlier_) progress_.size = found.size;
  return {found};
}

file_sender::next_step file_sender::compare_on() {
  if (prefix_->should_report()) {
    sign_ = make_progress(prefix_->bytes_read());
    return send_bytes{sign_};
  }
  if (prefix_->complete()) return {};
  doing_ = doing::comparing;
  return prefix_->next();
}

file_sender::prefix file_sender::take_prefix(digest_kind kind) {
  auto checked = std::exchange(prefix_, {});
  if (!checked || !checked->holds()) return {0, file_digest{kind}};
  progress_.bytes = progress_.safe = checked->bytes_read();
  return {checked->bytes_read(), checked->take_digest()};
}

outcome<file_sender::next_step> file_sender::send_on() {
  if (stream_->complete()) return next_step{};
  if (!chunk_is_read_)
    if (auto room = stream_->room(); !room.empty()) {
      doing_ = doing::reading;
      return next_step{read_file{stream_->passed(), room}};
    }
  if (stream_->at_last() && !rechecked_) return next_step{recheck_file{}};
  auto record = stream_->seal_chunk();
  if (!record) return record.error();
  doing_ = doing::sending;
  return next_step{send_bytes{*record}};
}

outcome<> file_sender::rechecked(const file_facts& found) {
  if (found != facts_) return {errc::file_changed, "the file changed while it was sent"};
  rechecked_ = true;
  return {};
}

void file_sender::completed() {
  switch (std::exchange(doing_, doing::nothing)) {
  case doing::comparing:
    return prefix_->read();
  case doing::reading:
    chunk_is_read_ = true;
    return;
  case doing::sending:
    stream_->advance();
    progress_.bytes = stream_->passed();
    chunk_is_read_ = rechecked_ = false;
    return;
  case doing::nothing: // a sign of life went out
    return;
  }
}

outcome<> file_sender::take_progress(byte_view body, bool counts) {
  auto record = decode_progress(body);
  if (!record) return record.error();
  if (record->bytes > progress_.size) return {errc::bad_message, "a record progress beyond the file's end"};
  if (counts) progress_.safe = std::max(progress_.safe, record->bytes);
  return {};
}

void file_sender::sent_earlier(const transfer_progress& then) {
  was_sent_earlier_ = true;
  progress_ = then;
}

} // namespace hublink
