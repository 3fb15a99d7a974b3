#include "node/gateway/stream_watch.hpp"

#include <algorithm>

namespace hublink {

namespace {

constexpr std::chrono::milliseconds least_pause{250}, most_pause{5000};

/// An eighth of what is awaited, so that it is noticed so much later at most.
std::chrono::milliseconds pause_for(const stream_life& life) {
  std::chrono::milliseconds shortest = life.keep_alive / 2;
  if (life.half_closed.count() > 0)
    shortest = std::min<std::chrono::milliseconds>(shortest, life.half_closed);
  return std::clamp(shortest / 8, least_pause, most_pause);
}

} // namespace

void stream_watch::add(const std::shared_ptr<gateway_stream>& stream) {
  streams_.push_back(stream);
  auto pause = pause_for(stream->life);
  if (pause_.count() > 0 && pause_ <= pause) return;
  pause_ = pause;
  wait();
}

void stream_watch::wait() {
  timer_.expires_after(pause_);
  timer_.async_wait([this](std::error_code cancelled) {
    if (!cancelled) look();
  });
}

void stream_watch::look() {
  auto now = mux::clock::now();
  pause_ = {};
  for (auto each = streams_.begin(); each != streams_.end();) {
    auto stream = each->lock();
    if (stream) stream->look(now);
    if (!stream || stream->over()) {
      each = streams_.erase(each);
      continue;
    }
    auto pause = pause_for(stream->life);
    pause_ = pause_.count() == 0 ? pause : std::min(pause_, pause);
    ++each;
  }
  if (pause_.count() > 0) wait();
}

} // namespace hublink
