#include "protocol/broadcast/spool.hpp"

#include "protocol/transfer/sealed_stream.hpp"

#include <algorithm>
#include <utility>

namespace hublink {

std::uint64_t spool::offered(const transfer_offer& offer, bytes record) {
  std::lock_guard guard{lock_};
  if (offer.generation != offer_.generation)
    cut_to(0);
  else if (distrusted_)
    cut_to(std::min(chunks_, *distrusted_ - 1));
  distrusted_.reset();
  bad_.begin_attempt();
  source_lost_ = false;
  offer_ = offer;
  auto statement =
      read_statement(record_type::offer, answers_nothing, byte_view{record}.subspan(record_head));
  if (statement) offer_hash_ = statement->hash();
  offer_record_ = std::move(record);
  return ++number_;
}

void spool::cut_to(std::uint64_t chunks) {
  std::erase_if(parts_, [chunks](const auto& part) { return part->first > chunks; });
  end_record_.clear();
  safe_ = false;
  chunks_ = chunks;
  synced_ = std::min(synced_, chunks);
  confirmed_ = std::min(confirmed_, chunks);
  if (chunks == 0) chunk_size_ = 0;
}

// What an attempt did not fill does not count: the next one begins at the same chunk.
void spool::begin(segment_ptr part, std::uint32_t chunk_size) {
  {
    std::lock_guard guard{lock_};
    while (!parts_.empty() && parts_.back()->first >= part->first) parts_.pop_back();
    chunks_ = part->first - 1;
    synced_ = std::min(synced_, chunks_);
    chunk_size_ = chunk_size;
    parts_.push_back(std::move(part));
  }
  feeders_.wake_all();
}

void spool::add_chunk() {
  {
    std::lock_guard guard{lock_};
    ++chunks_;
  }
  feeders_.wake_all();
}

void spool::close(bytes end_record) {
  {
    std::lock_guard guard{lock_};
    end_record_ = std::move(end_record);
  }
  feeders_.wake_all();
}

void spool::lose_source(std::uint64_t number) {
  {
    std::lock_guard guard{lock_};
    if (number != number_) return;
    source_lost_ = true;
  }
  feeders_.wake_all();
}

void spool::give_sign() {
  {
    std::lock_guard guard{lock_};
    ++signs_;
  }
  feeders_.wake_all();
}

std::uint64_t spool::signs() const {
  std::lock_guard guard{lock_};
  return signs_;
}

bytes spool::offer_record() const {
  std::lock_guard guard{lock_};
  return offer_record_;
}

statement_hash spool::offer_hash() const {
  std::lock_guard guard{lock_};
  return offer_hash_;
}

transfer_offer spool::offer() const {
  std::lock_guard guard{lock_};
  return offer_;
}

spool::holding spool::held() const {
  std::lock_guard guard{lock_};
  return {chunks_, chunk_size_, !end_record_.empty()};
}

spool::place spool::at(std::uint64_t chunk) const {
  std::lock_guard guard{lock_};
  place found;
  for (std::size_t i = parts_.size(); i-- > 0;) {
    if (parts_[i]->first > chunk) continue;
    bool last = i + 1 == parts_.size();
    auto end = last ? chunks_ + 1 : parts_[i + 1]->first;
    found.part = parts_[i];
    found.ready = end - std::min(end, chunk);
    found.part_is_over = !last;
    break;
  }
  return found;
}

bytes spool::end_record() const {
  std::lock_guard guard{lock_};
  return end_record_;
}

bool spool::is_over() const {
  std::lock_guard guard{lock_};
  return source_lost_ || !end_record_.empty();
}

void spool::distrust(std::uint64_t from_chunk) {
  std::lock_guard guard{lock_};
  distrust_from(from_chunk);
}

void spool::blame(std::uint64_t chunk, std::chrono::milliseconds now) {
  std::lock_guard guard{lock_};
  if (chunk <= chunks_ + 1 && bad_.blame(chunk, now)) distrust_from(chunk);
}

void spool::blame_by_point(std::uint64_t chunk, std::chrono::milliseconds now) {
  std::lock_guard guard{lock_};
  if (chunk <= chunks_ + 1 && bad_.blame_by_point(chunk, now)) distrust_from(chunk);
}

void spool::distrust_from(std::uint64_t chunk) { distrusted_ = std::min(distrusted_.value_or(chunk), chunk); }

std::uint64_t spool::bad_from_above() const {
  std::lock_guard guard{lock_};
  return bad_.from_above();
}

bool spool::is_distrusted() const {
  std::lock_guard guard{lock_};
  return distrusted_.has_value();
}

void spool::synced(std::uint64_t chunks) {
  std::lock_guard guard{lock_};
  synced_ = std::min(chunks, chunks_);
}

spool::state spool::durable() const {
  std::lock_guard guard{lock_};
  state now{offer_record_, synced_, chunk_size_, parts_, {}};
  if (synced_ == chunks_ && !distrusted_) now.end = end_record_;
  if (now.end.empty()) std::erase_if(now.parts, [this](const auto& part) { return part->first > synced_; });
  if (synced_ == 0 && now.end.empty()) now.chunk_size = 0;
  return now;
}

void spool::confirm(std::uint64_t chunks, bool complete) {
  std::lock_guard guard{lock_};
  confirmed_ = std::min(chunks, chunks_);
  safe_ = complete && !end_record_.empty() && !distrusted_;
}

bool spool::is_safe() const {
  std::lock_guard guard{lock_};
  return safe_;
}

std::uint64_t spool::confirmed_bytes() const {
  std::lock_guard guard{lock_};
  return bytes_in(confirmed_);
}

std::uint64_t spool::bytes_in(std::uint64_t chunks) const {
  return std::min<std::uint64_t>(offer_.size, chunks * chunk_size_);
}

namespace {

/// Whether this version can read the header of a broadcast; an earlier one sealed in another way.
bool is_of_this_version(const spool::segment& part) {
  if (part.header.size() < record_head) return false;
  auto body = byte_view{part.header}.subspan(record_head);
  auto signed_header = read_statement(record_type::header, answers_nothing, body);
  return signed_header && decode_header(signed_header->body);
}

} // namespace

outcome<transfer_offer> spool::read_offer(byte_view record, const std::string& file) {
  if (record.size() < record_head) return {errc::bad_message, "no offer"};
  auto statement = read_statement(record_type::offer, answers_nothing, record.subspan(record_head));
  if (!statement) return statement.error();
  auto decoded = decode_offer(statement->body);
  if (!decoded) return decoded.error();
  decoded->offer.file = file;
  return std::move(decoded->offer);
}

outcome<> spool::restore(state from, const std::string& file) {
  auto offer = read_offer(from.offer, file);
  if (!offer) return offer.error();
  auto statement =
      read_statement(record_type::offer, answers_nothing, byte_view{from.offer}.subspan(record_head));
  std::lock_guard guard{lock_};
  offer_ = std::move(*offer);
  offer_hash_ = statement->hash();
  offer_record_ = std::move(from.offer);
  end_record_ = std::move(from.end);
  parts_ = std::move(from.parts);
  chunk_size_ = from.chunk_size;
  chunks_ = synced_ = confirmed_ = from.chunks;
  source_lost_ = true;
  bool readable = std::ranges::all_of(parts_, [](const auto& part) { return is_of_this_version(*part); });
  if (!readable) { // its sender brings it again, sealed anew
    distrusted_ = 1;
    end_record_.clear();
  }
  safe_ = !end_record_.empty();
  return {};
}

std::uint64_t spool::offset_of(std::uint64_t chunk, std::uint32_t chunk_size) {
  return (chunk - 1) * (record_head + chunk_size + tag_size);
}

std::uint64_t spool::length_of(std::uint64_t chunks, std::uint64_t file_size, std::uint32_t chunk_size) {
  if (chunks == 0) return 0;
  return offset_of(chunks, chunk_size) + record_size(chunks, file_size, chunk_size);
}

std::uint64_t spool::record_size(std::uint64_t chunk, std::uint64_t file_size, std::uint32_t chunk_size) {
  return record_head + chunk_length(chunk, file_size, chunk_size) + tag_size;
}

} // namespace hublink
