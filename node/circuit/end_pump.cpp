#include "node/circuit/end_pump.hpp"
#include "node/base/fault_point.hpp"

#include <asio/post.hpp>
#include <asio/strand.hpp>

#include <sys/socket.h>

namespace hublink {
namespace {

// Before other transfers get their turn.
constexpr int steps_in_a_row = 64;
constexpr std::uint64_t bytes_in_a_row = 2 << 20;
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
                   waiting_limits limits)
    : pools_(pools), steady_(asio::make_strand(pools.steady.get_executor())), work_(steady_),
      fresh_socket_(std::move(from)), end_(std::move(end)), fresh_file_(std::move(file)),
      events_(std::move(events)), linger_limit_(steady_), watch_(steady_), limits_(limits), turn_(steady_),
      flow_(std::move(pipes)) {}

/// Later, on one of those threads, with the lock held.
template <class Work>
void end_pump::later(const asio::any_io_executor& where, Work work) {
  asio::post(where, [self = shared_from_this(), work = std::move(work)]() mutable {
    std::lock_guard guard{self->lock_};
    work();
  });
}

void end_pump::start() {
  has_moved_ = !fresh_file_;
  pools_.disks->find(fresh_file_ ? fresh_file_->place() : "/",
                     [self = shared_from_this()](disk_pool_ptr disk) { self->start_on(std::move(disk)); });
}

void end_pump::start_on(disk_pool_ptr disk) {
  later(steady_, [this, disk = std::move(disk)] {
    disk_ = disk;
    if (!fresh_file_) fresh_file_ = std::make_unique<transfer_file>();
    file_ = std::make_shared<end_file>(std::move(fresh_file_), disk_, lock_);
    socket_ = std::make_shared<waitable_socket>(work_, std::move(fresh_socket_.socket),
                                                std::move(fresh_socket_.line));
    // Who wakes may hold what this one's end needs for its own end: that must not come here.
    end_->wake_with([weak = weak_from_this(), steady = steady_] {
      asio::post(steady, [weak] {
        if (auto self = weak.lock()) self->later(self->steady_, [&of = *self] { of.wake(); });
      });
    });
    moved_at_ = sent_at_ = clock::now();
    watch();
    want_drive();
  });
}

void end_pump::change_rate(std::optional<std::uint64_t> own) {
  later(steady_, [this, own] { turn_.change(own); });
}

void end_pump::resume(verdict answer) {
  later(steady_, [this, answer = std::move(answer)] {
    if (!std::exchange(asked_owner_, {})) return;
    if (waits_for_commit(*end_)) {
      file_->give_target_back();
      fault_point::reach("before-receipt");
    }
    end_->consulted(answer);
    want_drive();
  });
}

void end_pump::close(failure why) {
  later(steady_, [this, why = std::move(why)] {
    if (result_) return conclude();
    if (!closing_) closing_since_ = clock::now();
    closing_ = why;
    if (file_ && !file_->is_used()) socket_->reset(); // else somebody may be at it
    want_drive();
  });
}

void end_pump::want_drive() {
  if (drive_wanted_) return;
  drive_wanted_ = clock::now();
  later(work_, [this, home = home_] {
    drive_wanted_.reset();
    home == home_ ? drive() : want_drive();
  });
}

// An end that throws ends its own transfer, not the node.
void end_pump::drive() {
  if (result_ || !file_) return;
  if (file_->is_used()) {
    drive_again_ = true;
    return;
  }
  try {
    if (auto over = std::exchange(flush_over_, {})) end_->flushed(*over);
    if (std::exchange(woken_, false)) end_->woken();
    if (closing_ && !lost_) lost(*closing_);
    run_steps();
    if (std::exchange(drive_again_, false) && !file_->is_used()) want_drive();
  } catch (const std::exception& thrown) {
    result_ = failure{errc::failed, {}, std::string("the transfer's end failed: ") + thrown.what()};
    socket_->reset();
    conclude();
  }
}

void end_pump::run_steps() {
  auto until = sent_ + received_ + bytes_in_a_row;
  for (int i = 0; i < steps_in_a_row && sent_ + received_ < until; ++i)
    if (!std::visit([this](const auto& step) { return perform(step); }, end_->next())) return;
  want_drive();
}

// -- the socket

bool end_pump::perform(const wait_for_bytes&) {
  if (lost_ || input_over_)
    return perform(finish{failure{errc::cut, {}, "the circuit ended too early"}, false});
  return receive();
}

bool end_pump::perform(const send_bytes& step) {
  return send({step.data.data(), 0}, step.data.size(), [&](std::size_t from, std::size_t count) {
    return std::optional(outcome<moved_bytes>(as_moved(
        ::send(socket_->native_handle(), step.data.data() + from, count, MSG_NOSIGNAL | MSG_DONTWAIT))));
  });
}

bool end_pump::perform(const send_from_file& step) {
  if (!move_to_disk()) return false;
  return send({nullptr, step.offset}, step.count, [&](std::size_t from, std::size_t count) {
    auto socket = socket_; // as long as the disk takes
    giving_ = true;
    auto given = file_->use("read", [&](transfer_file& file) {
      return flow_.give(socket->native_handle(), file, {step.offset + from, count});
    });
    giving_ = false;
    return given;
  });
}

/// `give(from, count)` hands bytes of it to the socket.
template <class Give>
bool end_pump::send(const content& what, std::size_t size, Give give) {
  if (lost_) return perform(finish{failure{errc::cut, {}, "the circuit ended too early"}, false});
  if (auto signed_off = send_sign(); signed_off.socket) {
    if (!would_block(signed_off.socket)) return lost(cut_by(signed_off.socket)), true;
    wait(tcp::socket::wait_write, writing_);
    return receive();
  }
  if (std::exchange(sending_, what) != what) sent_of_it_ = 0;
  while (sent_of_it_ < size) {
    auto left = turn_.grant(size - sent_of_it_);
    if (left == 0) {
      // A change of the rate cancels the wait, and the turn is asked for anew.
      turn_.wait([self = shared_from_this()] {
        std::lock_guard guard{self->lock_};
        self->turn_.waited();
        self->want_drive();
      });
      return receive();
    }
    auto given = give(sent_of_it_, left);
    if (!given) return false; // the disk was given up meanwhile
    if (!*given) return completed(outcome<>{given->error()});
    if ((*given)->count > 0) {
      sent_of_it_ += (*given)->count;
      sent_ += (*given)->count;
      turn_.spent((*given)->count);
      fault_point::reach("sent-bytes", sent_);
    } else if (would_block((*given)->socket)) {
      wait(tcp::socket::wait_write, writing_);
      return receive(); // a refusal may have come, which ends the sending
    } else {
      lost(cut_by((*given)->socket));
      return true;
    }
  }
  sending_ = {};
  sent_of_it_ = 0;
  return completed(outcome<>{});
}

/// True if anything came, the end included.
bool end_pump::receive() {
  if (lost_ || input_over_) return false;
  auto room = end_->inbox();
  if (!room.empty())
    return came(as_moved(::recv(socket_->native_handle(), room.data(), room.size(), MSG_DONTWAIT)));
  auto part = end_->file_inbox();
  if (part.count == 0 || !move_to_disk()) return false;
  auto socket = socket_;
  auto taken = file_->use(
      "write", [&](transfer_file& file) { return flow_.take(socket->native_handle(), file, part); });
  if (!taken) return false;
  if (*taken) return came(**taken);
  end_->step_failed(taken->error());
  return true;
}

bool end_pump::came(const moved_bytes& got) {
  if (got.count > 0) {
    received_ += got.count;
    end_->received(got.count);
    return true;
  }
  if (would_block(got.socket)) {
    wait(tcp::socket::wait_read, reading_);
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

void end_pump::wait(tcp::socket::wait_type event, armed_wait& armed) {
  if (armed.is) return;
  armed = {true, clock::now()};
  socket_->async_wait(event, [self = shared_from_this(), socket = socket_, &armed] {
    std::lock_guard guard{self->lock_};
    socket->waited();
    if (socket != self->socket_) return; // of the time before the disk was given up
    armed.is = false;
    if (self->result_)
      self->discard_input();
    else
      self->drive();
  });
}

void end_pump::lost(const failure& why) {
  lost_ = true;
  target_wanted_.reset();
  socket_->reset();
  end_->cut(why);
}

// -- the file

template <file_step Step>
bool end_pump::perform(const Step& step) {
  if (!move_to_disk()) return false;
  publishing_ = std::is_same_v<Step, settle_file>;
  if (!do_step(*file_, *end_, step)) return false;
  publishing_ = false;
  note_progress();
  return true;
}

bool end_pump::perform(const sync_file&) { return !flushing_ && sync_aside("sync", &transfer_file::sync); }

bool end_pump::perform(const publish_file&) {
  publishing_ = !flushing_;
  return !flushing_ && sync_aside("publish", &transfer_file::publish);
}

// Beside the stream: what is written meanwhile belongs to the next checkpoint.
bool end_pump::perform(const flush_file&) {
  auto ready = file_->use("look", [](transfer_file& file) { return file.prepare_flush(); });
  if (!ready || !*ready) return completed(ready);
  flushing_ = true;
  file_->aside(
      "sync", [](transfer_file& file) { return file.flush(); },
      [self = shared_from_this()](const outcome<>& done) { self->flushed(done); }, true);
  return completed(outcome<>{});
}

void end_pump::flushed(const outcome<>& done) {
  flushing_ = false;
  if (file_->is_used())
    flush_over_ = done;
  else
    end_->flushed(done);
  want_drive();
}

bool end_pump::perform(const keep_file&) {
  return !flushing_ && at_last("close", [](transfer_file& file) { file.keep(); });
}

bool end_pump::perform(const discard_file& step) {
  return !flushing_ && at_last("remove", [step](transfer_file& file) { file.discard(step); });
}

template <class Work>
bool end_pump::at_last(const char* what, Work work) {
  // Of a file that was never touched nothing is waited for: its disk may hang, and the peer waits.
  if (!lost_file_ && !has_moved_) return file_->at_last(work), completed(outcome<>{});
  if (!lost_file_)
    return completed(file_->use(what, [&](transfer_file& file) {
      work(file);
      return outcome<>{};
    }));
  lost_file_->at_last(work);
  return completed(outcome<>{});
}

bool end_pump::completed(const outcome<>& done) {
  report_done(*end_, done);
  note_progress();
  return true;
}

bool end_pump::sync_aside(const char* what, outcome<> (transfer_file::*work)()) {
  file_->aside(
      what, [work](transfer_file& file) { return (file.*work)(); },
      [self = shared_from_this()](const outcome<>& done) {
        self->publishing_ = false;
        self->completed(done);
        self->want_drive();
      },
      false);
  return false;
}

// -- the owner, and the end

bool end_pump::perform(const consult_owner& question) {
  if (!wants_answer(question)) {
    events_.consulted(question);
    return completed(outcome<>{});
  }
  if (asked_owner_ || !may_ask(question)) return false;
  asked_owner_ = clock::now();
  events_.consulted(question);
  return false;
}

// Who is asked to publish finds nobody who has been allowed to and is still about it: the rename that comes
// last would win, whatever it brings.
bool end_pump::may_ask(const consult_owner& question) {
  if (!std::holds_alternative<question::publishing>(question) || file_->take_target()) {
    target_wanted_.reset();
    return true;
  }
  if (!target_wanted_) target_wanted_ = clock::now();
  return false;
}

bool end_pump::perform(const finish& step) {
  result_ = step.result;
  file_->give_target_back();
  if (step.result && !end_->digest().empty()) fault_point::reach("after-receipt");
  if (closing_ && !step.result && !step.in_doubt) result_ = *closing_;
  if (lost_)
    conclude();
  else if (step.result)
    linger(limit_of_peers_end);
  else if (step.courtesy)
    linger(limit_of_courtesy);
  else {
    socket_->reset();
    conclude();
  }
  return false;
}

void end_pump::conclude() {
  if (std::exchange(concluded_, true)) return;
  linger_limit_.cancel();
  watch_.cancel();
  turn_.cancel();
  socket_->close();
  file_->give_target_back();
  file_->part();
  lost_file_.reset();
  auto events = std::exchange(events_, {});
  events.ended({*result_, sent_, received_, end_->progress(), *result_ ? end_->digest() : std::string()});
}

} // namespace hublink
