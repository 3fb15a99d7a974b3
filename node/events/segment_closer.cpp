#include "node/events/segment_closer.hpp"
#include "node/base/unique_fd.hpp"
#include "node/events/gzip_member.hpp"
#include "node/events/segment_index.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace hublink {

namespace {

constexpr std::size_t packed_block = 256 << 10;

failure not_closed(const std::filesystem::path& file) {
  return {errno == ENOSPC ? errc::no_space : errc::io_error, {}, file.string() + ": " + std::strerror(errno)};
}

/// A file that is made beside its place.
class new_file {
 public:
  explicit new_file(std::filesystem::path place) : place_(std::move(place)), beside_(place_) {
    beside_ += ".part";
    file_ = unique_fd{::open(beside_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
  }
  ~new_file() {
    if (!placed_) ::unlink(beside_.c_str());
  }
  new_file(const new_file&) = delete;

  bool is_open() const { return bool(file_); }
  bool put(std::string_view text) {
    while (!text.empty()) {
      auto count = ::write(file_.get(), text.data(), text.size());
      if (count < 0 && errno != EINTR) return false;
      text.remove_prefix(count > 0 ? std::size_t(count) : 0);
    }
    return true;
  }
  bool put_at_begin(const std::string& text) {
    return ::pwrite(file_.get(), text.data(), text.size(), 0) == ssize_t(text.size());
  }
  bool sync() { return ::fsync(file_.get()) == 0; }
  bool place() { return placed_ = ::rename(beside_.c_str(), place_.c_str()) == 0; }

 private:
  std::filesystem::path place_, beside_;
  unique_fd file_;
  bool placed_ = false;
};

} // namespace

outcome<bool> close_segment(const closing_segment& what) {
  std::ifstream lines{what.plain, std::ios::binary};
  new_file packed{what.packed}, index{index_of(what.packed)};
  if (!lines || !packed.is_open() || !index.is_open()) return not_closed(what.packed);
  index_head head;
  auto known = segment_index::read_head(index_of(what.plain));
  head.written_ms = known && known->written_ms > 0 ? known->written_ms : what.steady_ms;
  block_ids ids;
  std::string text;
  event_block block;
  if (!index.put(encode(head))) return not_closed(what.packed);
  auto end_block = [&] {
    auto member = to_gzip(text);
    block.length = std::uint32_t(member.size());
    if (!packed.put(member) || !index.put(ids.record(block))) return false;
    block.offset += member.size();
    ids.clear();
    text.clear();
    return true;
  };
  for (std::string line; std::getline(lines, line);) {
    if (auto transfer = transfer_in(line); !transfer.empty()) {
      ids.note(transfer);
      head.note(time_of_id(transfer));
    }
    text += line;
    text += '\n';
    if (text.size() < packed_block) continue;
    if (what.stopped()) return false;
    if (!end_block()) return not_closed(what.packed);
  }
  if (!text.empty() && !end_block()) return not_closed(what.packed);
  if (!index.put_at_begin(encode(head)) || !packed.sync() || !index.sync()) return not_closed(what.packed);
  if (!index.place() || !packed.place()) return not_closed(what.packed);
  ::unlink(what.plain.c_str());
  ::unlink(index_of(what.plain).c_str());
  return true;
}

} // namespace hublink
