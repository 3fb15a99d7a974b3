#include "node/process/upkeep.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace hublink {

namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 5s, save_every = 600s;
constexpr int least_urgent = 19; ///< compressing may take long, and can

} // namespace

upkeep::upkeep(upkeep_work work) : work_(std::move(work)), thread_([this] { run(); }) {}

upkeep::~upkeep() {
  {
    std::lock_guard guard{mutex_};
    over_ = true;
  }
  wake_.notify_all();
  thread_.join();
  save();
}

void upkeep::reopen() {
  {
    std::lock_guard guard{mutex_};
    reopens_ = true;
  }
  wake_.notify_all();
}

bool upkeep::is_over() const {
  std::lock_guard guard{mutex_};
  return over_ || reopens_;
}

void upkeep::save() {
  if (auto saved = work_.time->save(); !saved) spdlog::warn("{}", saved.error().text);
}

void upkeep::say_what_is_new() {
  if (auto news = work_.time->news()) work_.warn(*news);
  auto now = work_.warnings();
  for (const auto& line : now)
    if (std::ranges::find(said_, line) == said_.end()) work_.warn(line);
  said_ = std::move(now);
}

void upkeep::run() {
  ::pthread_setname_np(::pthread_self(), "hublink-upkeep");
  ::setpriority(PRIO_PROCESS, id_t(::syscall(SYS_gettid)), least_urgent);
  auto saved = std::chrono::steady_clock::now();
  while (true) {
    say_what_is_new();
    if (auto now = std::chrono::steady_clock::now(); now - saved >= save_every) {
      save();
      saved = now;
    }
    heap_.give_back();
    work_.events->tidy(work_.keep(), [this] { return is_over(); });
    std::unique_lock guard{mutex_};
    wake_.wait_for(guard, look_every, [this] { return over_ || reopens_; });
    if (over_) return;
    if (!std::exchange(reopens_, false)) continue;
    guard.unlock();
    work_.reopen_log();
    work_.events->reopen();
  }
}

} // namespace hublink
