#include "node/accounts/guess_lane.hpp"

#include <asio/post.hpp>

namespace hublink {

void guess_lane::stop() {
  thread_.stop();
  thread_.join();
}

void guess_lane::add(const std::string& manager, std::function<void()> check) {
  {
    std::lock_guard guard{lock_};
    auto& line = lines_[manager];
    line.push_back(std::move(check));
    if (line.size() == 1) turns_.push_back(manager);
    if (std::exchange(busy_, true)) return;
  }
  asio::post(thread_, [this] { begin_next(); });
}

void guess_lane::begin_next() {
  std::function<void()> check;
  {
    std::lock_guard guard{lock_};
    if (turns_.empty()) {
      busy_ = false;
      return;
    }
    auto manager = std::move(turns_.front());
    turns_.pop_front();
    auto& line = lines_[manager];
    check = std::move(line.front());
    line.pop_front();
    if (line.empty())
      lines_.erase(manager);
    else
      turns_.push_back(std::move(manager));
  }
  check();
  timer_.expires_after(pause_);
  timer_.async_wait([this](std::error_code) { begin_next(); });
}

} // namespace hublink
