#include "node/base/end_watch.hpp"

#include <spdlog/spdlog.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <pthread.h>
#include <system_error>
#include <unistd.h>

namespace hublink {

namespace {

constexpr int watched_signals[] = {SIGTERM, SIGINT};
constexpr std::chrono::milliseconds time_to_log{500};

std::atomic<int> told_of_signals{-1};
struct sigaction handled_before[NSIG];

void tell(int fd) {
  const char byte = 0;
  [[maybe_unused]] auto written = ::write(fd, &byte, 1); // a full pipe has said it already
}

void note_signal(int number) {
  auto kept = errno;
  if (int fd = told_of_signals; fd >= 0) tell(fd);
  auto before = handled_before[number].sa_handler;
  if (before != SIG_DFL && before != SIG_IGN) before(number);
  errno = kept;
}

bool is_told(int fd, std::chrono::milliseconds limit) {
  pollfd wanted{fd, POLLIN, 0};
  return ::poll(&wanted, 1, static_cast<int>(limit.count())) > 0;
}

std::string first_line(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::string line;
  std::getline(in, line);
  return line;
}

/// The log may hang itself.
[[noreturn]] void end_now(std::chrono::milliseconds limit) {
  std::thread([] {
    std::this_thread::sleep_for(time_to_log);
    ::_exit(1);
  }).detach();
  spdlog::critical("this node was told to end {} s ago and had not ended: it is ended now; its threads: {}",
                   limit.count() / 1000.0, threads_text());
  spdlog::shutdown();
  ::_exit(1);
}

} // namespace

std::string threads_text() {
  std::string text;
  std::error_code problem;
  for (std::filesystem::directory_iterator task{"/proc/self/task", problem}, end; !problem && task != end;
       task.increment(problem)) {
    auto stat = first_line(task->path() / "stat"); // 12 (name) S ...
    auto after_name = stat.rfind(')');
    if (after_name == stat.npos || after_name + 2 >= stat.size()) continue;
    auto waits_in = first_line(task->path() / "wchan");
    text += (text.empty() ? "" : ", ") + first_line(task->path() / "comm") + " " + stat[after_name + 2];
    if (!waits_in.empty() && waits_in != "0") text += " in " + waits_in;
  }
  return text;
}

end_watch::end_watch(std::chrono::milliseconds limit) {
  if (::pipe2(begun_, O_CLOEXEC | O_NONBLOCK) != 0 || ::pipe2(over_, O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error{errno, std::system_category(), "no pipe"};
  thread_ = std::thread([this, limit] {
    ::pthread_setname_np(::pthread_self(), "hublink-end");
    watch(limit);
  });
}

end_watch::~end_watch() {
  if (told_of_signals == begun_[1]) told_of_signals = -1;
  tell(over_[1]);
  tell(begun_[1]); // whichever it waits for
  thread_.join();
  for (int fd : {begun_[0], begun_[1], over_[0], over_[1]}) ::close(fd);
}

void end_watch::watch_signals() {
  told_of_signals = begun_[1];
  for (int number : watched_signals) {
    struct sigaction mine {};
    mine.sa_handler = note_signal;
    mine.sa_flags = SA_RESTART;
    ::sigfillset(&mine.sa_mask);
    struct sigaction before {};
    ::sigaction(number, nullptr, &before);
    if (before.sa_handler == note_signal) continue;
    handled_before[number] = before;
    ::sigaction(number, &mine, nullptr);
  }
}

void end_watch::begin() { tell(begun_[1]); }

void end_watch::watch(std::chrono::milliseconds limit) const {
  is_told(begun_[0], std::chrono::milliseconds{-1});
  if (!is_told(over_[0], limit)) end_now(limit);
}

} // namespace hublink
