#include "node/accounts/hash_lane.hpp"

#include <asio/post.hpp>

#include <sys/resource.h>
#include <unistd.h>

namespace hublink {

namespace {

/// About a tenth of a busy thread's share: those who mistype get an answer on a busy machine, too.
constexpr int low_priority = 10;

} // namespace

hash_lane::hash_lane(urgency how) {
  // Priorities are those of threads on Linux. Should it be refused: the thread is one more at the usual one.
  if (how == urgency::gives_way)
    asio::post(thread_, [] { (void)::setpriority(PRIO_PROCESS, id_t(::gettid()), low_priority); });
}

void hash_lane::stop() {
  thread_.stop();
  thread_.join();
}

void hash_lane::add(const std::string& manager, std::function<void()> check) {
  {
    std::lock_guard guard{lock_};
    auto& line = lines_[manager];
    line.push_back(std::move(check));
    if (line.size() > 1) return;
  }
  begin_next(manager);
}

void hash_lane::begin_next(const std::string& manager) {
  asio::post(thread_, [this, manager] {
    std::function<void()> check;
    {
      std::lock_guard guard{lock_};
      check = lines_[manager].front();
    }
    check();
    {
      std::lock_guard guard{lock_};
      auto& line = lines_[manager];
      line.pop_front();
      if (line.empty()) return void(lines_.erase(manager));
    }
    begin_next(manager);
  });
}

} // namespace hublink
