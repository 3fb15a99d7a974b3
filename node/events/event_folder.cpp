#include "node/events/event_folder.hpp"
#include "node/base/fault_point.hpp"
#include "node/events/event_line.hpp"
#include "node/events/event_ring.hpp"
#include "node/events/segment_closer.hpp"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace hublink {

namespace {

constexpr std::chrono::milliseconds look_at_files_every{100};

std::optional<std::string> file_of(const event::any& what) {
  return std::visit(
      [](const auto& event) -> std::optional<std::string> {
        if constexpr (requires { event.file; }) return event.file;
        return {};
      },
      what);
}

failure not_made(const std::filesystem::path& path) {
  return {errc::io_error, {}, path.string() + ": " + std::strerror(errno)};
}

void remove_segment(const std::filesystem::path& file) {
  ::unlink(file.c_str());
  ::unlink(index_of(file).c_str());
}

} // namespace

outcome<std::unique_ptr<event_folder>> event_folder::open(event_folder_config config) {
  std::unique_ptr<event_folder> made{new event_folder(std::move(config))};
  if (::mkdir(made->folder_.c_str(), 0700) != 0 && errno != EEXIST) return not_made(made->folder_);
  std::lock_guard guard{made->mutex_};
  made->take_over_file(); // before there is a later part of its day
  if (auto entered = made->enter(made->config_.wall_clock()); !entered) return entered.error();
  return made;
}

void event_folder::write(const transfer_id& transfer, const event::any& what) {
  std::lock_guard whole_lines{mutex_};
  auto now = config_.wall_clock();
  auto line = to_json_line(config_.node, now, transfer, what);
  if (config_.live) config_.live->put(line, transfer, file_of(what));
  if (config_.noted) config_.noted(transfer, what, now);
  look_after_files(now);
  line += '\n';
  if (!segment_->append(line, transfer)) {
    if (config_.lost) config_.lost(1);
    if (lost_++ == 0) spdlog::error("events.jsonl: {}; events are lost from now on", std::strerror(errno));
    return;
  }
  if (auto count = std::exchange(lost_, 0))
    spdlog::error("events.jsonl: can be written again; {} events were lost", count);
  fault_point::reach(event::names[what.index()]);
}

// A day that can't be begun is tried again soon: until then the one before goes on.
outcome<> event_folder::enter(std::chrono::system_clock::time_point now) {
  if (auto begun = begin_segment(day_text(now)); !begun) return begun;
  day_begin_ = std::chrono::floor<std::chrono::days>(now);
  day_end_ = day_begin_ + std::chrono::days{1};
  return put_link();
}

outcome<> event_folder::begin_segment(const std::string& day) {
  auto name = newest_part(day);
  if (segment_ && segment_->file() == folder_ / name.text() && segment_->is_in_place()) return {};
  segment_name after = name;
  after.part = std::max(name.part + 1, 2);
  outcome<> why;
  if (segment_) segment_->finish(); // a file of its name has the same index
  for (const auto& part : {name, after}) {
    auto opened = segment_writer::open(folder_ / part.text(), config_.steady_ms);
    if (opened) {
      segment_ = std::move(*opened);
      return {};
    }
    why = opened.error();
    if (opened.error().code != errc::busy) break;
  }
  return why;
}

segment_name event_folder::newest_part(const std::string& day) const {
  std::optional<segment_name> last;
  for (const auto& name : segments_in(folder_))
    if (name.day == day) last = name;
  if (!last || last->part == 0) return {day, 1, false};
  if (last->packed || (closing_ && closing_->day == day && closing_->part == last->part))
    return {day, last->part + 1, false};
  return *last;
}

int event_folder::first_free_part(const std::string& day) const {
  int last = -1;
  for (const auto& name : segments_in(folder_))
    if (name.day == day) last = name.part;
  return last + 1;
}

outcome<> event_folder::put_link() {
  auto target = (std::filesystem::path{"events"} / segment_->file().filename()).string();
  std::error_code none;
  if (std::filesystem::is_symlink(std::filesystem::symlink_status(link_, none)) &&
      std::filesystem::read_symlink(link_, none) == target)
    return {};
  take_over_file();
  auto beside = config_.data / ".events.jsonl.new";
  ::unlink(beside.c_str());
  if (::symlink(target.c_str(), beside.c_str()) != 0 || ::rename(beside.c_str(), link_.c_str()) != 0)
    return not_made(link_);
  return {};
}

void event_folder::take_over_file() {
  struct stat found {};
  if (::lstat(link_.c_str(), &found) != 0 || !S_ISREG(found.st_mode) || found.st_size == 0) return;
  segment_name name{day_text(std::chrono::system_clock::from_time_t(found.st_mtime)), 0, false};
  name.part = first_free_part(name.day);
  ::rename(link_.c_str(), (folder_ / name.text()).c_str());
}

void event_folder::look_after_files(std::chrono::system_clock::time_point now) {
  auto at = std::chrono::steady_clock::now();
  bool due = at >= look_again_, other_day = now < day_begin_ || now >= day_end_;
  if (!due && (!other_day || !complained_.empty())) return;
  look_again_ = at + look_at_files_every;
  complain(other_day || !segment_->is_in_place() ? enter(now) : put_link());
}

void event_folder::reopen() {
  std::lock_guard guard{mutex_};
  complain(segment_->is_in_place() ? put_link() : enter(config_.wall_clock()));
}

/// Once of each.
void event_folder::complain(const outcome<>& of) {
  auto text = of ? std::string{} : of.error().text;
  if (!text.empty() && text != complained_) spdlog::error("events: {}", text);
  complained_ = std::move(text);
}

void event_folder::tidy(std::chrono::hours keep, const std::function<bool()>& stopped) {
  auto oldest = config_.steady_ms() - std::chrono::milliseconds{keep}.count();
  for (const auto& name : segments_in(folder_)) {
    if (stopped()) return;
    remove_old(name, oldest);
    if (!name.packed) close(name, stopped);
    // Of a stop between the two steps of closing it.
    if (name.packed) remove_segment(folder_ / segment_name{name.day, name.part, false}.text());
  }
}

void event_folder::remove_old(const segment_name& name, std::int64_t oldest_ms) {
  auto file = folder_ / name.text();
  auto head = segment_index::read_head(index_of(file));
  if (head && head->written_ms < oldest_ms && name.packed) return remove_segment(file);
  if (head || !name.packed) return;
  index_head unknown{0, std::numeric_limits<std::uint64_t>::max(), config_.steady_ms()};
  std::ofstream{index_of(file), std::ios::binary} << encode(unknown); // from now on it has an age
}

void event_folder::close(const segment_name& name, const std::function<bool()>& stopped) {
  auto plain = folder_ / name.text();
  {
    std::lock_guard guard{mutex_};
    if (segment_->file() == plain) return;
    closing_ = name;
  }
  auto packed = folder_ / segment_name{name.day, name.part, true}.text();
  auto closed = close_segment({plain, packed, config_.steady_ms(), stopped});
  if (!closed && not_closed_ != closed.error().text)
    spdlog::error("events: {} is not compressed: {}", name.text(), closed.error().text);
  not_closed_ = closed ? "" : closed.error().text;
  std::lock_guard guard{mutex_};
  closing_.reset();
}

} // namespace hublink
