#include "protocol/spool.hpp"

#include "protocol/sealed_stream.hpp"

#include <algorithm>

namespace hublink {

std::uint64_t spool::offered(const transfer_offer& offer, bytes record) {
  std::lock_guard guard{lock_};
  bool anew = offer.generation != offer_.generation || distrusted_;
  if (anew) {
    parts_.clear();
    end_record_.clear();
    chunks_ = 0;
    chunk_size_ = 0;
  }
  distrusted_ = source_lost_ = false;
  offer_ = offer;
  auto said = read_statement(record_type::offer, answers_nothing, byte_view{record}.subspan(record_head));
  if (said) offer_hash_ = said->hash();
  offer_record_ = std::move(record);
  return ++number_;
}

// What an attempt did not fill does not count: the next one begins at the same chunk.
void spool::begin(segment_ptr part, std::uint32_t chunk_size) {
  {
    std::lock_guard guard{lock_};
    while (!parts_.empty() && parts_.back()->first >= part->first) parts_.pop_back();
    chunks_ = part->first - 1;
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

void spool::distrust() {
  std::lock_guard guard{lock_};
  distrusted_ = true;
}

std::uint64_t spool::offset_of(std::uint64_t chunk, std::uint32_t chunk_size) {
  return (chunk - 1) * (record_head + chunk_size + tag_size);
}

std::uint64_t spool::record_size(std::uint64_t chunk, std::uint64_t file_size, std::uint32_t chunk_size) {
  return record_head + chunk_length(chunk, file_size, chunk_size) + tag_size;
}

} // namespace hublink
