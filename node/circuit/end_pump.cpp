#include "node/circuit/end_pump.hpp"
#include "node/base/fault_point.hpp"

#include <asio/dispatch.hpp>
#include <asio/post.hpp>

#include <sys/socket.h>

namespace hublink {
namespace {

// Before other transfers get their turn.
constexpr int steps_in_a_row = 64;
constexpr std::uint64_t bytes_in_a_row = 2 << 20;
constexpr std::chrono::milliseconds progress_every{200};
constexpr std::chrono::seconds limit_of_peers_end{10}, limit_of_courtesy{5};

/// The receipt goes out once the owner's verdict is there.
bool waits_for_commit(circuit_end& end) {
  auto step = end.next();
  auto* question = std::get_if<consult_owner>(&step);
  return question && std::holds_alternative<question::published>(*question);
}

bool would_block(const std::error_code& error) {
  return error == std::errc::resource_unavailable_try_again || error == std::errc::interrupted;
}

failure cut_by(std::error_code error) { return {errc::cut, {}, "the circuit broke: " + error.message()}; }

} // namespace

end_pump::end_pump(data_socket from, std::unique_ptr<circuit_end> end, std::unique_ptr<transfer_file> file,
                   worker_pools& pools, std::shared_ptr<pipe_pool> pipes, handler events,
                   std::chrono::seconds stall_limit)
    : strand_(asio::make_strand(pools.busy.get_executor())),
      socket_(strand_, std::move(from.socket), std::move(from.line)), end_(std::move(end)),
      file_(std::move(file)), pools_(pools), events_(std::move(events)), linger_limit_(strand_),
      stall_check_(strand_), stall_limit_(stall_limit), turn_(strand_), flow_(std::move(pipes)) {}

void end_pump::start() {
  asio::post(strand_, [self = shared_from_this()] {
    self->end_->wake_with([weak = self->weak_from_this(), strand = self->strand_] {
      asio::post(strand, [weak] {
        if (auto self = weak.lock()) self->wake();
      });
    });
    self->watch_for_stall();
    self->drive();
  });
}

void end_pump::wake() {
  if (result_) return;
  end_->woken();
  drive();
}

// A path that swallows everything shows no error: a hub that hangs keeps its sockets open.
void end_pump::watch_for_stall() {
  stall_check_.expires_after(stall_limit_);
  stall_check_.async_wait([weak = weak_from_this()](std::error_code cancelled) {
    auto self = weak.lock();
    if (!self || cancelled || self->result_) return;
    auto moved = self->sent_ + self->received_;
    bool waits = (self->reading_armed_ || self->writing_armed_) && !self->turn_armed_ &&
                 !self->working_aside_ && !self->asked_owner_;
    if (waits && moved == std::exchange(self->moved_at_check_, moved)) {
      self->lost(
          {errc::timed_out, {}, "no byte moved for " + std::to_string(self->stall_limit_.count()) + " s"});
      return self->drive();
    }
    self->watch_for_stall();
  });
}

void end_pump::change_rate(std::optional<std::uint64_t> own) {
  asio::post(strand_, [self = shared_from_this(), own] {
    if (!self->pacer_) return;
    if (own)
      self->pacer_->change_own(*own);
    else
      self->pacer_->start_over();
    self->turn_.cancel();
  });
}

void end_pump::resume(verdict answer) {
  asio::post(strand_, [self = shared_from_this(), answer = std::move(answer)] {
    if (!std::exchange(self->asked_owner_, false)) return;
    if (waits_for_commit(*self->end_)) fault_point::reach("before-receipt");
    self->end_->consulted(answer);
    self->drive();
  });
}

void end_pump::close(failure why) {
  asio::post(strand_, [self = shared_from_this(), why = std::move(why)] {
    if (self->result_) return self->conclude();
    self->closing_ = why;
    self->socket_.reset();
    self->drive();
  });
}

// An end that throws ends its own transfer, not the node.
void end_pump::drive() {
  if (working_aside_ || result_) return;
  try {
    if (closing_ && !lost_) lost(*closing_);
    run_steps();
  } catch (const std::exception& thrown) {
    result_ = failure{errc::failed, {}, std::string("the transfer's end failed: ") + thrown.what()};
    socket_.reset();
    conclude();
  }
}

void end_pump::run_steps() {
  auto until = sent_ + received_ + bytes_in_a_row;
  for (int i = 0; i < steps_in_a_row && sent_ + received_ < until; ++i)
    if (!std::visit([this](const auto& step) { return perform(step); }, end_->next())) return;
  asio::post(strand_, [self = shared_from_this()] { self->drive(); });
}

// -- the socket
// -----------------------------------------------------------------------------------------------

bool end_pump::perform(const wait_for_bytes&) {
  if (lost_ || input_over_)
    return perform(finish{failure{errc::cut, {}, "the circuit ended too early"}, false});
  return receive();
}

bool end_pump::perform(const send_bytes& step) {
  return send({step.data.data(), 0}, step.data.size(), [&](std::size_t from, std::size_t count) {
    return outcome<moved_bytes>(as_moved(
        ::send(socket_.native_handle(), step.data.data() + from, count, MSG_NOSIGNAL | MSG_DONTWAIT)));
  });
}

bool end_pump::perform(const send_from_file& step) {
  return send({nullptr, step.offset}, step.count, [&](std::size_t from, std::size_t count) {
    return flow_.give(socket_.native_handle(), *file_, {step.offset + from, count});
  });
}

/// `give(from, count)` hands bytes of it to the socket.
template <class Give>
bool end_pump::send(const content& what, std::size_t size, Give give) {
  if (lost_) return perform(finish{failure{errc::cut, {}, "the circuit ended too early"}, false});
  if (std::exchange(sending_, what) != what) sent_of_it_ = 0;
  while (sent_of_it_ < size) {
    auto left = size - sent_of_it_;
    if (pacer_) left = pacer_->grant(left, clock::now());
    if (left == 0) {
      wait_for_turn();
      return receive();
    }
    auto given = give(sent_of_it_, left);
    if (!given) return completed(given.error());
    if (given->count > 0) {
      sent_of_it_ += given->count;
      sent_ += given->count;
      if (pacer_) pacer_->spent(given->count);
      fault_point::reach("sent-bytes", sent_);
    } else if (would_block(given->socket)) {
      wait(tcp::socket::wait_write, writing_armed_);
      return receive(); // a refusal may have come, which ends the sending
    } else {
      lost(cut_by(given->socket));
      return true;
    }
  }
  sending_ = {};
  sent_of_it_ = 0;
  return completed({});
}

/// True if anything came, the end included.
bool end_pump::receive() {
  if (lost_ || input_over_) return false;
  auto room = end_->inbox();
  if (!room.empty())
    return came(as_moved(::recv(socket_.native_handle(), room.data(), room.size(), MSG_DONTWAIT)));
  auto part = end_->file_inbox();
  if (part.count == 0) return false;
  auto taken = flow_.take(socket_.native_handle(), *file_, part);
  if (taken) return came(*taken);
  end_->step_failed(taken.error());
  return true;
}

bool end_pump::came(const moved_bytes& got) {
  if (got.count > 0) {
    received_ += got.count;
    end_->received(got.count);
    return true;
  }
  if (would_block(got.socket)) {
    wait(tcp::socket::wait_read, reading_armed_);
    return false;
  }
  if (got.socket) {
    lost(cut_by(got.socket));
  } else {
    input_over_ = true;
    end_->cut({errc::cut, {}, "end of stream"});
  }
  return true;
}

void end_pump::wait(tcp::socket::wait_type event, bool& armed) {
  if (std::exchange(armed, true)) return;
  socket_.async_wait(event, [self = shared_from_this(), &armed] {
    armed = false;
    if (self->result_)
      self->discard_input();
    else
      self->drive();
  });
}

// A change of the rate cancels the wait, and the turn is asked for anew.
void end_pump::wait_for_turn() {
  if (std::exchange(turn_armed_, true)) return;
  turn_.expires_at(pacer_->due());
  turn_.async_wait([self = shared_from_this()](std::error_code) {
    self->turn_armed_ = false;
    self->drive();
  });
}

void end_pump::lost(const failure& why) {
  lost_ = true;
  socket_.reset();
  end_->cut(why);
}

// -- the file
// -------------------------------------------------------------------------------------------------

bool end_pump::perform(const open_file&) { return examined(file_->open()); }
bool end_pump::perform(const read_file& step) { return completed(file_->read(step.offset, step.into)); }
bool end_pump::perform(const recheck_file&) { return examined(file_->recheck()); }
bool end_pump::perform(const reopen_file& step) { return completed(file_->reopen(step)); }
bool end_pump::perform(const create_file& step) { return completed(file_->create(step)); }
bool end_pump::perform(const write_file& step) { return completed(file_->write(step.offset, step.data)); }
bool end_pump::perform(const sync_file&) { return !flushing_ && sync_aside(&transfer_file::sync); }
bool end_pump::perform(const publish_file&) { return !flushing_ && sync_aside(&transfer_file::publish); }

// Beside the stream: what is written meanwhile belongs to the next checkpoint.
bool end_pump::perform(const flush_file&) {
  if (auto ready = file_->prepare_flush(); !ready) return completed(ready);
  flushing_ = true;
  asio::post(pools_.waiting, [self = shared_from_this()] {
    auto done = self->file_->flush();
    asio::post(self->strand_, [self, done] { self->flushed(done); });
  });
  return completed({});
}

void end_pump::flushed(const outcome<>& done) {
  flushing_ = false;
  end_->flushed(done);
  drive();
}

bool end_pump::perform(const keep_file&) {
  if (flushing_) return false; // the other thread still uses it
  file_->keep();
  return completed({});
}

bool end_pump::perform(const discard_file& step) {
  if (flushing_) return false;
  if (file_) file_->discard(step);
  return completed({});
}

bool end_pump::completed(const outcome<>& done) {
  if (done)
    end_->completed();
  else
    end_->step_failed(done.error());
  note_progress();
  return true;
}

bool end_pump::examined(const outcome<file_facts>& facts) {
  if (facts)
    end_->opened(*facts);
  else
    end_->step_failed(facts.error());
  return true;
}

bool end_pump::sync_aside(outcome<> (transfer_file::*work)()) {
  working_aside_ = true;
  asio::post(pools_.waiting, [self = shared_from_this(), work] {
    auto done = (self->file_.get()->*work)();
    asio::post(self->strand_, [self, done] { self->synced(done); });
  });
  return false;
}

void end_pump::synced(const outcome<>& done) {
  working_aside_ = false;
  completed(done);
  drive();
}

// -- the owner, and the end
// -----------------------------------------------------------------------------------

bool end_pump::perform(const consult_owner& question) {
  if (!wants_answer(question)) {
    events_.consulted(question);
    return completed({});
  }
  if (!std::exchange(asked_owner_, true)) events_.consulted(question);
  return false;
}

bool end_pump::perform(const finish& step) {
  result_ = step.result;
  if (step.result && !end_->digest().empty()) fault_point::reach("after-receipt");
  if (closing_ && !step.result) result_ = *closing_;
  if (lost_)
    conclude();
  else if (step.result)
    linger(limit_of_peers_end);
  else if (step.courtesy)
    linger(limit_of_courtesy);
  else {
    socket_.reset();
    conclude();
  }
  return false;
}

// The peer ends its direction when it has read everything: closing earlier could reset what is on its way to
// it.
void end_pump::linger(std::chrono::seconds limit) {
  socket_.shutdown_send();
  linger_limit_.expires_after(limit);
  linger_limit_.async_wait([self = shared_from_this()](std::error_code cancelled) {
    if (!cancelled) self->conclude();
  });
  discard_input();
}

void end_pump::discard_input() {
  if (concluded_) return;
  std::array<std::byte, 16 * 1024> waste;
  ssize_t count = 0;
  while (!input_over_ &&
         (count = ::recv(socket_.native_handle(), waste.data(), waste.size(), MSG_DONTWAIT)) > 0)
    received_ += static_cast<std::uint64_t>(count);
  if (!input_over_ && count < 0 && errno == EAGAIN) return wait(tcp::socket::wait_read, reading_armed_);
  conclude();
}

void end_pump::conclude() {
  if (std::exchange(concluded_, true)) return;
  linger_limit_.cancel();
  stall_check_.cancel();
  turn_.cancel();
  socket_.close();
  auto events = std::exchange(events_, {});
  events.ended({*result_, sent_, received_, end_->progress(), *result_ ? end_->digest() : std::string()});
}

void end_pump::note_progress() {
  auto now = clock::now();
  if (now - told_at_ < progress_every) return;
  auto progress = end_->progress();
  if (progress.bytes == told_bytes_) return;
  told_at_ = now;
  told_bytes_ = progress.bytes;
  events_.progressed(progress);
}

} // namespace hublink
