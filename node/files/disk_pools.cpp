#include "node/files/disk_pools.hpp"
#include "node/base/answered_within.hpp"

#include <asio/post.hpp>

#include <algorithm>
#include <thread>
#include <unistd.h>

namespace hublink {
namespace {

/// Meant to be busy, so not many; but one that hangs must not be all.
unsigned busy_threads() { return std::clamp(std::thread::hardware_concurrency(), 3u, 4u); }

constexpr unsigned waiting_threads = 8;

} // namespace

disk_pool::disk_pool(std::string place)
    : place_(std::move(place)), busy_(busy_threads()), waiting_(waiting_threads) {}

std::string disk_pool::place() const {
  std::lock_guard guard{lock_};
  return place_;
}

void disk_pool::note_place(const std::string& place) {
  std::lock_guard guard{lock_};
  place_ = place;
}

disk_pool::mark::mark(disk_pool& in, std::string what) : in_(in) {
  std::lock_guard guard{in_.lock_};
  at_ = in_.marks_.emplace(in_.marks_.end(), std::move(what), clock::now());
}

// What it would come back to is being destroyed, or was.
disk_pool::mark::~mark() {
  while (in_.abandoned_) ::pause();
  std::lock_guard guard{in_.lock_};
  in_.marks_.erase(at_);
}

disk_pool::pending disk_pool::oldest() const {
  std::lock_guard guard{lock_};
  if (marks_.empty()) return {place_, {}, {}};
  const auto& [what, since] = marks_.front();
  return {place_, what, std::chrono::duration_cast<std::chrono::seconds>(clock::now() - since)};
}

void disk_pool::note_orphan(const std::string& file, bool is_one) {
  std::lock_guard guard{lock_};
  if (is_one)
    orphans_.insert(file);
  else if (auto found = orphans_.find(file); found != orphans_.end())
    orphans_.erase(found);
}

bool disk_pool::has_orphan(const std::string& file) const {
  std::lock_guard guard{lock_};
  return orphans_.count(file) > 0;
}

std::shared_ptr<void> disk_pool::take_target(const std::string& file) {
  std::lock_guard guard{lock_};
  if (!targets_.insert(file).second) return {};
  return {this, [file](void* pool) {
            auto& of = *static_cast<disk_pool*>(pool);
            std::lock_guard held{of.lock_};
            of.targets_.erase(file);
          }};
}

void disk_pool::end() {
  for (auto* team : {&busy_, &waiting_}) team->stop();
  for (auto* team : {&busy_, &waiting_}) team->end();
}

disk_pool_ptr disk_pools::of(const std::string& path) {
  auto on = mounts_.holder_of(path);
  std::lock_guard guard{lock_};
  auto& pool = by_device_[on.device];
  if (!pool)
    pool = std::make_shared<disk_pool>(on.place);
  else
    pool->note_place(on.place);
  return pool;
}

void disk_pools::find(std::string path, std::function<void(disk_pool_ptr)> then) {
  asio::post(finder_, [this, path = std::move(path), then = std::move(then)] { then(of(path)); });
}

void disk_pools::aside(const std::string& path, std::string what, std::function<void()> work) {
  find(path, [what = std::move(what), work = std::move(work)](const disk_pool_ptr& pool) {
    auto mark = std::make_shared<disk_pool::mark>(*pool, what);
    asio::post(pool->waiting(), [mark, work] { work(); });
  });
}

std::vector<disk_pool::pending> disk_pools::slow(std::chrono::seconds least) const {
  std::vector<disk_pool::pending> found;
  std::lock_guard guard{lock_};
  for (const auto& [device, pool] : by_device_)
    if (auto oldest = pool->oldest(); !oldest.what.empty() && oldest.since >= least)
      found.push_back(std::move(oldest));
  std::ranges::sort(found, std::greater{}, &disk_pool::pending::since);
  return found;
}

bool disk_pools::end(std::chrono::milliseconds limit) {
  if (abandoned_) return false;
  auto joined = answered_within(limit, [self = shared_from_this()] {
    self->join();
    return true;
  });
  if (joined) return true;
  abandoned_ = true;
  std::lock_guard guard{lock_};
  for (auto& [device, pool] : by_device_) pool->abandon();
  return false;
}

void disk_pools::join() {
  finder_.end();
  std::map<std::string, disk_pool_ptr> all;
  {
    std::lock_guard guard{lock_};
    all = by_device_;
  }
  for (auto& [device, pool] : all) pool->end();
}

} // namespace hublink
