#include "node/socket/opening.hpp"

#include "node/socket/waiting_listeners.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace hublink {

namespace {

constexpr std::chrono::milliseconds first_wait{250}, longest_wait{5000};

} // namespace

opening::opening(asio::io_context& context, std::string name, std::string listen, attempt open)
    : timer_(context), name_(std::move(name)), listen_(std::move(listen)), open_(std::move(open)) {}

opening::~opening() { stop(); }

outcome<> opening::try_now() {
  auto opened = open_();
  open_now_ = bool(opened);
  reason_ = opened ? "" : opened.error().text;
  if (opened)
    waiting_listeners::of_process().forget(name_, listen_);
  else
    waiting_listeners::of_process().note({name_, listen_, reason_});
  return opened;
}

void opening::keep_trying(std::function<void()> opened) {
  if (open_now_) return;
  opened_ = std::move(opened);
  pause_ = first_wait;
  warn();
  wait();
}

void opening::warn() const {
  spdlog::warn("{} can't listen at {}: {}; it is tried again", name_, listen_, reason_);
}

void opening::wait() {
  timer_.expires_after(pause_);
  pause_ = std::min(2 * pause_, longest_wait);
  timer_.async_wait([weak = weak_from_this()](std::error_code cancelled) {
    auto self = weak.lock();
    if (!cancelled && self) self->try_again();
  });
}

void opening::try_again() {
  const auto before = reason_;
  if (!try_now()) {
    if (reason_ != before) warn();
    return wait();
  }
  spdlog::info("{} listens at {} now", name_, listen_);
  if (auto opened = std::exchange(opened_, nullptr)) opened();
}

void opening::stop() {
  timer_.cancel();
  opened_ = nullptr;
  open_now_ = false;
  if (!reason_.empty()) waiting_listeners::of_process().forget(name_, listen_);
  reason_.clear();
}

} // namespace hublink
