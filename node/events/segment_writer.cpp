#include "node/events/segment_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hublink {

namespace {

constexpr std::uint64_t block_size = 256 << 10, reserve_step = 64 << 10;

failure not_opened(const std::filesystem::path& file) {
  return {errc::io_error, {}, file.string() + ": " + std::strerror(errno)};
}

bool put(int file, const std::string& text, std::uint64_t at) {
  return ::pwrite(file, text.data(), text.size(), off_t(at)) == ssize_t(text.size());
}

std::uint64_t size_of(int file) {
  auto end = ::lseek(file, 0, SEEK_END);
  return end < 0 ? 0 : std::uint64_t(end);
}

} // namespace

outcome<std::unique_ptr<segment_writer>> segment_writer::open(const std::filesystem::path& file,
                                                              steady_clock steady) {
  unique_fd lines{::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!lines) return not_opened(file);
  unique_fd index{::open(index_of(file).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!index) return not_opened(index_of(file));
  std::unique_ptr<segment_writer> made{
      new segment_writer(file, std::move(lines), std::move(index), std::move(steady))};
  if (auto taken = made->take_up(); !taken) return taken.error();
  return made;
}

outcome<> segment_writer::take_up() {
  end_ = size_of(lines_.get());
  auto known = segment_index::read(index_of(file_));
  if (known && known->covered() <= end_) {
    head_ = known->head();
    block_ = known->covered();
    index_end_ = known->size();
    if (::ftruncate(index_.get(), off_t(index_end_)) != 0) return not_opened(index_of(file_));
  } else {
    begin_index_anew();
  }
  if (end_ - block_ > most_unindexed)
    return failure{errc::busy, {}, file_.string() + " has more than its index covers"};
  read_unindexed();
  return {};
}

// A stop may have left half of a line: what is appended begins another one.
void segment_writer::read_unindexed() {
  std::string text(end_ - block_, '\0');
  auto got = ::pread(lines_.get(), text.data(), text.size(), off_t(block_));
  text.resize(got < 0 ? 0 : std::size_t(got));
  for (std::string_view rest = text; !rest.empty();) {
    auto line = rest.substr(0, std::min(rest.find('\n'), rest.size()));
    note(transfer_in(line));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  if (text.empty() || text.back() == '\n') return;
  if (::write(lines_.get(), "\n", 1) == 1) ++end_;
}

void segment_writer::begin_index_anew() {
  head_ = {};
  ids_.clear();
  block_ = 0;
  index_end_ = index_head_size;
  [[maybe_unused]] auto cut = ::ftruncate(index_.get(), 0);
  put(index_.get(), encode(head_), 0);
}

void segment_writer::note(std::string_view transfer) {
  if (transfer.empty()) return;
  ids_.note(transfer);
  head_.note(time_of_id(transfer));
}

bool segment_writer::append(const std::string& line, const std::string& transfer) {
  auto end = size_of(lines_.get());
  if (end < end_) { // somebody cut it, as logrotate's copytruncate does
    begin_index_anew();
    reserved_ = 0;
    block_ = 0;
  }
  end_ = end;
  if (!reserve(line.size()) || ::write(lines_.get(), line.data(), line.size()) != ssize_t(line.size()))
    return false;
  end_ += line.size();
  note(transfer);
  if (end_ - block_ >= block_size) finish();
  return true;
}

/// Room on the disk for a line of that size: a full disk must not leave half of one.
bool segment_writer::reserve(std::uint64_t size) {
  if (end_ + size <= reserved_) return true;
  for (auto room : {std::max(reserve_step, size), size}) {
    if (::fallocate(lines_.get(), FALLOC_FL_KEEP_SIZE, off_t(end_), off_t(room)) == 0) {
      reserved_ = end_ + room;
      return true;
    }
    if (errno != ENOSPC) return true; // not to be had on this file system
  }
  return false;
}

bool segment_writer::is_in_place() const {
  struct stat here {
  }, named{};
  return ::fstat(lines_.get(), &here) == 0 && ::lstat(file_.c_str(), &named) == 0 &&
         here.st_ino == named.st_ino && here.st_dev == named.st_dev;
}

// The head first: it may promise more than there is, never less. What can't be written is read whole.
void segment_writer::finish() {
  if (end_ == block_) return;
  head_.written_ms = steady_();
  put(index_.get(), encode(head_), 0);
  auto record = ids_.record({block_, std::uint32_t(end_ - block_)});
  ids_.clear();
  if (!put(index_.get(), record, index_end_)) return;
  index_end_ += record.size();
  block_ = end_;
}

} // namespace hublink
