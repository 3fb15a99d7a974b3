#include "node/events/event_file.hpp"
#include "node/base/fault_point.hpp"
#include "node/base/json_text.hpp"
#include "node/base/time_text.hpp"
#include "node/events/event_ring.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <unistd.h>
#include <utility>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

struct line_fields {
  json& line;

  template <class Value>
  void operator()(const char* key, const Value& value) const {
    line[key] = value;
  }
  template <class Value>
  void operator()(const char* key, const std::optional<Value>& value) const {
    if (value) line[key] = *value;
  }
  void operator()(const char* key, const std::vector<std::string>& names) const {
    if (names.size() == 1)
      line[key] = names.front();
    else if (!names.empty())
      line[key] = names;
  }
};

std::optional<std::string> file_of(const event::any& what) {
  return std::visit(
      [](const auto& event) -> std::optional<std::string> {
        if constexpr (requires { event.file; }) return event.file;
        return {};
      },
      what);
}

constexpr off_t reserve_step = 64 * 1024;

class event_file : public event_log {
 public:
  event_file(int fd, std::string node, std::function<std::chrono::system_clock::time_point()> wall_clock,
             event_ring* live)
      : fd_(fd), node_(std::move(node)), wall_clock_(std::move(wall_clock)), live_(live) {}
  ~event_file() override { ::close(fd_); }

  void write(const transfer_id& transfer, const event::any& what) override {
    auto line = to_json_line(node_, wall_clock_(), transfer, what);
    std::lock_guard whole_lines{mutex_};
    if (live_) live_->put(line, transfer, file_of(what));
    if (append(line + "\n")) return fault_point::reach(event::names[what.index()]);
    if (lost_++ == 0) spdlog::error("events.jsonl: {}; events are lost from now on", std::strerror(errno));
  }

 private:
  bool append(const std::string& line) {
    if (!reserve(off_t(line.size())) || ::write(fd_, line.data(), line.size()) != ssize_t(line.size()))
      return false;
    if (auto count = std::exchange(lost_, 0))
      spdlog::error("events.jsonl: can be written again; {} events were lost", count);
    return true;
  }

  /// Room on the disk for a line of that size: a full disk must not leave half of one.
  bool reserve(off_t size) {
    auto end = ::lseek(fd_, 0, SEEK_END);
    if (end + size <= reserved_) return true;
    for (auto room : {std::max(reserve_step, size), size}) {
      if (::fallocate(fd_, FALLOC_FL_KEEP_SIZE, end, room) == 0) {
        reserved_ = end + room;
        return true;
      }
      if (errno != ENOSPC) return true; // not to be had on this file system
    }
    return false;
  }

  int fd_;
  std::string node_;
  std::function<std::chrono::system_clock::time_point()> wall_clock_;
  event_ring* live_;
  std::mutex mutex_;
  std::uint64_t lost_ = 0;
  off_t reserved_ = 0; ///< end of the room on the disk
};

} // namespace

std::string to_json_line(const std::string& node, std::chrono::system_clock::time_point when,
                         const transfer_id& transfer, const event::any& what) {
  json line;
  line["time"] = to_rfc3339(when);
  line["node"] = node;
  line["event"] = event::names[what.index()];
  if (!transfer.empty()) line["transfer"] = transfer;
  std::visit([&](const auto& each) { each.fields(line_fields{line}); }, what);
  return to_line(line);
}

outcome<std::unique_ptr<event_log>>
open_event_file(const std::filesystem::path& file, std::string node,
                std::function<std::chrono::system_clock::time_point()> wall_clock, event_ring* live) {
  int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return failure{errc::io_error, {}, file.string() + ": " + std::strerror(errno)};
  return std::unique_ptr<event_log>{
      std::make_unique<event_file>(fd, std::move(node), std::move(wall_clock), live)};
}

} // namespace hublink
