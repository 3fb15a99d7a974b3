#include "node/events/event_file.hpp"
#include "node/base/fault_point.hpp"
#include "node/base/json_text.hpp"
#include "node/base/time_text.hpp"
#include "node/events/event_ring.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <unistd.h>
#include <utility>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

void put(json& line, const char* key, const std::optional<std::string>& value) {
  if (value) line[key] = *value;
}

void put(json& line, const char* key, const std::vector<std::string>& names) {
  if (names.size() == 1)
    line[key] = names.front();
  else if (!names.empty())
    line[key] = names;
}

struct fields {
  json& line;

  void operator()(const event::told& what) const {
    line["event"] = "told";
    line["kind"] = to_string(what.kind);
    line["from"] = what.from;
    put(line, "file", what.file);
    put(line, "destination", what.destination);
    put(line, "source", what.source);
    put(line, "only", what.only);
    if (what.attempt > 1) line["attempt"] = what.attempt;
  }
  void operator()(const event::next& what) const {
    line["event"] = "next";
    line["host"] = what.host;
    put(line, "address", what.address);
    line["hop"] = what.hop;
    line["dialled"] = what.dialled;
    line["by"] = what.by;
  }
  void operator()(const event::opened& what) const {
    line["event"] = "opened";
    line["hop"] = what.hop;
  }
  void operator()(const event::refused& what) const {
    line["event"] = "refused";
    line["by"] = what.by;
    line["reason"] = what.reason;
  }
  void operator()(const event::closed& what) const {
    line["event"] = "closed";
    line["bytes"] = what.bytes;
    line["bytes_back"] = what.bytes_back;
    line["result"] = what.result;
    if (!what.hop.empty()) line["hop"] = what.hop;
  }
  void operator()(const event::received& what) const {
    line["event"] = "received";
    line["file"] = what.file;
    line["path"] = what.path;
    line["bytes"] = what.bytes;
    line["digest"] = what.digest;
    line["from"] = what.from;
  }
  void operator()(const event::sent& what) const {
    line["event"] = "sent";
    line["file"] = what.file;
    line["receivers"] = what.receivers;
    line["bytes"] = what.bytes;
  }
  void operator()(const event::job& what) const {
    line["event"] = "job";
    line["file"] = what.file;
    line["job"] = what.job;
    line["result"] = what.result;
    if (!what.reason.empty()) line["reason"] = what.reason;
  }
  void operator()(const event::definition& what) const {
    line["event"] = "definition";
    line["version"] = what.version;
    line["from"] = what.from;
    line["result"] = what.reason ? "refused" : "taken";
    put(line, "reason", what.reason);
  }
  void operator()(const event::session& what) const {
    constexpr std::array names{"login", "logout", "session_lost"};
    line["event"] = names[static_cast<std::size_t>(what.what)];
    line["server"] = what.server;
    line["user"] = what.user;
    put(line, "reason", what.reason);
  }
};

/// In the order of `event::any`.
constexpr std::array<std::string_view, std::variant_size_v<event::any>> names_of_events{
    "told", "next", "opened", "refused", "closed", "received", "sent", "job", "session", "definition"};

std::optional<std::string> file_of(const event::any& what) {
  return std::visit(
      [](const auto& one) -> std::optional<std::string> {
        if constexpr (requires { one.file; }) return one.file;
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
    if (append(line + "\n")) return fault_point::reach(names_of_events[what.index()]);
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
  line["event"] = nullptr; // holds the place; the fields fill it in
  if (!transfer.empty()) line["transfer"] = transfer;
  std::visit(fields{line}, what);
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
