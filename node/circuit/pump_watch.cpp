/// How a pump watches over itself while its disk, its owner or its peer takes its time.
#include "node/circuit/end_pump.hpp"

#include <poll.h>
#include <sys/socket.h>

namespace hublink {
namespace {

constexpr std::chrono::milliseconds progress_every{200};
/// What is ready and not taken for so long waits for a thread of its disk.
constexpr std::chrono::seconds taken_within{2};

bool is_ready(int socket, short event) {
  pollfd found{socket, event, 0};
  return ::poll(&found, 1, 0) > 0;
}

} // namespace

/// False: it is driven there from now on. Until it needs its disk, an end does not depend on it: what is
/// refused or cancelled waits for none.
bool end_pump::move_to_disk() {
  if (std::exchange(has_moved_, true)) return true;
  if (file_->is_orphaned()) {
    auto why = disk_->place() + " does not answer";
    file_ = std::make_shared<end_file>(make_unanswered_file({errc::timed_out, {}, why}), disk_, lock_);
    return true;
  }
  move_to(disk_->busy().get_executor());
  want_drive();
  return false;
}

void end_pump::move_to(const asio::any_io_executor& where) {
  work_ = where;
  ++home_;
  socket_->stop_waits();
  socket_ = socket_->again_on(work_);
  reading_ = writing_ = {};
}

bool end_pump::perform(const measure_line& step) {
  const auto fd = socket_->native_handle();
  if (step.unsent > 0 && std::exchange(most_unsent_, step.unsent) != step.unsent)
    limit_unsent(fd, step.unsent);
  auto seen = look_at_line(fd, step.whole);
  seen.rate_limit = turn_.limit();
  end_->measured(seen);
  return true;
}

void end_pump::wake() {
  if (result_) return;
  woken_ = true;
  want_drive();
}

void end_pump::note_progress() {
  auto now = clock::now();
  if (now - told_at_ < progress_every) return;
  auto progress = progress_now();
  if (progress.bytes == told_bytes_ && progress.heard == told_heard_) return;
  told_at_ = now;
  told_bytes_ = progress.bytes;
  told_heard_ = progress.heard;
  events_.progressed(progress);
}

transfer_progress end_pump::progress_now() const {
  auto progress = end_->progress();
  progress.heard = received_;
  return progress;
}

void end_pump::watch() {
  watch_.expires_after(limits_.sign_every() / 2);
  watch_.async_wait([weak = weak_from_this()](std::error_code cancelled) {
    auto self = weak.lock();
    if (!self || cancelled) return;
    std::lock_guard guard{self->lock_};
    self->look();
  });
}

// A path that swallows everything shows no error: a hub that hangs keeps its sockets open.
void end_pump::look() {
  if (result_) return;
  auto now = clock::now();
  if (std::exchange(moved_bytes_, sent_ + received_) != sent_ + received_) moved_at_ = now;
  if (std::exchange(sent_bytes_, sent_) != sent_) sent_at_ = now;
  waiting_limits::view seen;
  seen.working = works_since();
  seen.asked = asked_owner_;
  if (closing_ && closing_->code == errc::cancelled) seen.closing = closing_since_;
  seen.can_sign = can_sign();
  seen.alone = lost_ || closing_;
  seen.waits_for_peer = (reading_.is || writing_.is) && !turn_.is_awaited();
  seen.moved = moved_at_;
  seen.sent = sent_at_;
  tell_if_slow(seen.working, now);
  if (target_wanted_) want_drive(); // it may be free by now
  switch (limits_.next(seen, now)) {
  case waiting_limits::step::wait:
    break;
  case waiting_limits::step::sign:
    if (sign_.empty()) sign_ = end_->sign_of_life();
    send_sign();
    break;
  case waiting_limits::step::peer_is_lost:
    lost({errc::timed_out, {}, "no byte moved for " + std::to_string(limits_.stall.count()) + " s"});
    want_drive();
    break;
  case waiting_limits::step::disk_is_lost:
    give_up_disk(*seen.working);
    break;
  }
  watch();
}

std::string end_pump::slow_text(clock::time_point since) const {
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(clock::now() - since);
  return file_->place() + " does not answer since " + std::to_string(seconds.count()) + " s";
}

void end_pump::tell_if_slow(std::optional<clock::time_point> since, clock::time_point now) {
  bool is_slow = since && now - *since >= disk_pool::slow_after;
  if (!is_slow || now - told_at_ < limits_.sign_every()) return;
  told_at_ = now;
  auto progress = progress_now();
  progress.waits = slow_text(*since);
  events_.progressed(progress);
}

/// Since when the disk is at it, or all its threads are at others' work.
std::optional<end_pump::clock::time_point> end_pump::works_since() const {
  auto since = file_->since();
  auto also = [&since](clock::time_point other) { since = since ? std::min(*since, other) : other; };
  if (drive_wanted_) also(*drive_wanted_);
  if (target_wanted_) also(*target_wanted_);
  if (lost_file_ || lost_ || file_->is_used()) return since;
  auto is_left = [&](const armed_wait& armed, short event) {
    return armed.is && clock::now() - armed.since >= taken_within &&
           is_ready(socket_->native_handle(), event);
  };
  if (is_left(reading_, POLLIN)) also(reading_.since);
  if (is_left(writing_, POLLOUT)) also(writing_.since);
  return since;
}

/// Between two records, and if the end has something to say that its peer takes.
bool end_pump::can_sign() const {
  return !lost_ && !closing_ && !giving_ && sent_of_it_ == 0 && !end_->sign_of_life().empty();
}

/// What is left of it goes before anything else.
moved_bytes end_pump::send_sign() {
  if (sign_.empty()) return {};
  auto moved =
      as_moved(::send(socket_->native_handle(), sign_.data(), sign_.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  sent_ += moved.count;
  sign_.erase(sign_.begin(), sign_.begin() + std::ptrdiff_t(moved.count));
  return moved;
}

// The peer ends its direction when it has read everything: closing earlier could reset what is on its way to
// it.
void end_pump::linger(std::chrono::seconds limit) {
  socket_->shutdown_send();
  linger_limit_.expires_after(limit);
  linger_limit_.async_wait([self = shared_from_this()](std::error_code cancelled) {
    std::lock_guard guard{self->lock_};
    if (!cancelled) self->conclude();
  });
  discard_input();
}

void end_pump::discard_input() {
  if (concluded_) return;
  std::array<std::byte, 16 * 1024> waste;
  ssize_t count = 0;
  while (!input_over_ &&
         (count = ::recv(socket_->native_handle(), waste.data(), waste.size(), MSG_DONTWAIT)) > 0)
    received_ += static_cast<std::uint64_t>(count);
  if (!input_over_ && count < 0 && errno == EAGAIN) return wait(tcp::socket::wait_read, reading_);
  conclude();
}

// What the disk is at belongs to nobody any more; the end goes on without it, elsewhere.
void end_pump::give_up_disk(clock::time_point since) {
  failure why{publishing_ ? errc::unconfirmed : errc::timed_out, {}, slow_text(since)};
  bool in_step = file_->is_used(), in_flush = flushing_;
  lost_file_ = file_;
  lost_file_->give_up();
  file_ = std::make_shared<end_file>(std::make_unique<transfer_file>(), pools_.disks->of("/"), lock_);
  move_to(steady_);
  flushing_ = publishing_ = false;
  flush_over_.reset();
  drive_wanted_.reset();
  if (in_step)
    end_->step_failed(why);
  else if (in_flush)
    end_->flushed(why);
  else if (std::exchange(target_wanted_, {}))
    end_->consulted(decision::refuse{known_here(why)});
  else if (!lost_)
    lost(why);
  want_drive();
}

} // namespace hublink
