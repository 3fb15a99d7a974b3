#include "node/gateway/gateway_stream.hpp"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

namespace hublink {

namespace {

/// How long a reset waits for the application's kernel to take what was sent before it.
constexpr std::chrono::milliseconds drain_step{5};
constexpr int drain_tries = 1000;

} // namespace

gateway_stream::gateway_stream(tcp::socket socket, std::shared_ptr<stream_book> book,
                               stream_book::record record)
    : socket_(std::move(socket)), book_(std::move(book)), record_(std::move(record)) {}

gateway_stream::~gateway_stream() { close(true, "cut", "the node ends"); }

void gateway_stream::begin(stream_line& line, mux_id id) {
  line_ = &line;
  id_ = id;
  record_->state = "opening";
  // Who is not told the answer believes to be connected, and may speak first.
  if (record_->calling && !on_answer) wait_to_read();
  if (keep_alive_) line.keep_alive(id, *keep_alive_);
}

void gateway_stream::want_keep_alive(const mux_keep_alive& how) {
  keep_alive_ = how;
  if (line_) line_->keep_alive(id_, how);
}

void gateway_stream::return_from_link() {
  line_ = nullptr;
  record_->bytes -= std::exchange(early_, 0);
}

void gateway_stream::answered(const mux_refusal* why) {
  if (over_) return; // the application did not wait
  if (why) line_ = nullptr;
  if (!why) record_->state = "open";
  answered_ = !why;
  if (!why) take_what_was_peeked();
  auto tell = std::exchange(on_answer, nullptr);
  if (tell) tell(why);
  if (why && !tell) refuse(*why);
  if (!why && line_ && !reading_) line_->readable(id_);
}

void gateway_stream::refuse(const mux_refusal& why) {
  book_->refused(record_->gateway, record_->peer, record_->from, record_->to, why);
  close(true, "refused", why.text);
}

void gateway_stream::refuse_after_answer(const mux_refusal& why) {
  book_->refused(record_->gateway, record_->peer, record_->from, record_->to, why);
  close(false, "refused", why.text);
}

void gateway_stream::watch_for_leaving() {
  socket_.async_wait(tcp::socket::wait_error, [self = shared_from_this()](std::error_code error) {
    if (error || self->over_ || !self->on_answer) return;
    if (auto why = pending_error(self->socket_)) self->application_left(why.value());
  });
}

void gateway_stream::application_left(int error) { end(reason_of_break(error)); }

void gateway_stream::end(mux_reason why) {
  detach(why);
  close(true, why == mux_reason::closing ? "cut" : "reset", reset_text(why));
}

// -- whether it is alive
// -------------------------------------------------------------------------------------------

void gateway_stream::look(mux::clock::time_point now) {
  if (over_) return;
  auto seen = look_at(socket_.native_handle());
  if (seen.unanswered >= life.keep_alive / 2) return end(mux_reason::timed_out);
  bool moves = seen.moved != std::exchange(moved_, seen.moved);
  bool ended_here = sent_all_ && !in_ended_ && !deaf_, ended_there = (in_ended_ || deaf_) && !sent_all_;
  // Where the open direction begins both can be seen, but for what waits at the other side.
  if (ended_here && moves && line_) line_->tell_moved(id_);
  if (!ended_there || moves || seen.unread > 0 || still_since_ == mux::clock::time_point{})
    still_since_ = now;
  else if (life.half_closed.count() > 0 && now - still_since_ >= life.half_closed)
    end(mux_reason::closing);
}

// -- from the application
// -----------------------------------------------------------------------------------------

// At once: who waits for its padding to be taken learns by that of the answer.
void gateway_stream::skip(std::size_t padding) {
  padding_ = padding;
  bool urgent = false;
  if (receive({}, urgent) < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
    application_left(errno);
}

// The system does not read on over an urgent byte, so it is always found by itself.
ssize_t gateway_stream::receive(std::span<std::byte> room, bool& urgent) {
  auto fd = socket_.native_handle();
  while (padding_ > 0) {
    auto count = ::recv(fd, nullptr, padding_, MSG_DONTWAIT | MSG_TRUNC);
    if (count <= 0) return count;
    padding_ -= static_cast<std::size_t>(count);
    int at_once = 1; // until its padding is acknowledged, Nagle's rule may hold the application's bytes back
    ::setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &at_once, sizeof at_once);
  }
  urgent = !room.empty() && is_at_urgent_byte(fd);
  return ::recv(fd, room.data(), urgent ? 1 : room.size(), MSG_DONTWAIT);
}

mux_pulled gateway_stream::pull(std::span<std::byte> room) {
  using then = mux_pulled::then;
  if (sent_all_ || over_) return {0, then::dry};
  if (failed_) return broken(failed_.value());
  if (!answered_) return peek(room);
  bool urgent = false;
  auto count = receive(room, urgent);
  if (count > 0) {
    (record_->calling ? record_->bytes : record_->bytes_back) += static_cast<std::uint64_t>(count);
    if (urgent) return {1, then::more, true};
    if (static_cast<std::size_t>(count) == room.size()) return {room.size(), then::more};
    wait_to_read();
    return {static_cast<std::size_t>(count), then::dry};
  }
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
    wait_to_read();
    return {0, then::dry};
  }
  if (count < 0) return broken(errno);
  sent_all_ = true;
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->watch_for_reset();
    self->settle();
  });
  return {0, then::end};
}

// Left with the kernel until the answer: it may have to be said again on another link. An end or a further
// part waits for the answer, too.
mux_pulled gateway_stream::peek(std::span<std::byte> room) {
  using then = mux_pulled::then;
  if (early_ > 0 || is_at_urgent_byte(socket_.native_handle())) return {0, then::dry};
  auto count = ::recv(socket_.native_handle(), room.data(), room.size(), MSG_DONTWAIT | MSG_PEEK);
  if (count < 0 && errno != EAGAIN && errno != EINTR) return broken(errno);
  if (count < 0) wait_to_read();
  if (count <= 0) return {0, then::dry};
  early_ = static_cast<std::size_t>(count);
  record_->bytes += early_;
  return {early_, then::dry};
}

void gateway_stream::take_what_was_peeked() {
  auto early = std::exchange(early_, 0);
  if (early > 0) static_cast<void>(::recv(socket_.native_handle(), nullptr, early, MSG_DONTWAIT | MSG_TRUNC));
}

mux_pulled gateway_stream::broken(int error) {
  sent_all_ = true;
  application_left(error);
  return {0, mux_pulled::then::broken, false, reason_of_break(error)};
}

// Nothing more is read after the application's end, but it may still abort.
void gateway_stream::watch_for_reset() {
  if (over_) return;
  socket_.async_wait(tcp::socket::wait_error, [self = shared_from_this()](std::error_code error) {
    if (error || self->over_) return;
    if (auto why = pending_error(self->socket_)) self->write_broke(why.value());
  });
}

// Looks for the next byte: asio's `async_wait` asks epoll anew each time, and a socket that was connected
// then says each time that it may be written to.
void gateway_stream::wait_to_read() {
  if (std::exchange(reading_, true)) return;
  socket_.async_receive(asio::buffer(&next_, 1), tcp::socket::message_peek,
                        [self = shared_from_this()](std::error_code error, std::size_t) {
                          self->reading_ = false;
                          if (error == asio::error::operation_aborted) return;
                          self->failed_ = error == asio::error::eof ? std::error_code{} : error;
                          if (self->line_) self->line_->readable(self->id_);
                        });
}

// -- to the application
// -------------------------------------------------------------------------------------------

void gateway_stream::deliver(byte_view data) {
  if (deaf_ || over_) return;
  (record_->calling ? record_->bytes_back : record_->bytes) += data.size();
  std::size_t sent = 0;
  if (out_.empty()) {
    auto count = send(data, false);
    if (count < 0) return write_broke(errno);
    sent = static_cast<std::size_t>(count);
    if (sent > 0 && line_) line_->consumed(id_, sent);
  }
  if (sent == data.size()) return;
  out_.append(data.subspan(sent));
  wait_to_write();
}

// Behind what came before it.
void gateway_stream::deliver_urgent(std::byte data) {
  if (deaf_ || over_) return;
  ++(record_->calling ? record_->bytes_back : record_->bytes);
  urgent_.push_back(out_.size());
  out_.append({&data, 1});
  write_more();
}

/// 0: not now.
ssize_t gateway_stream::send(byte_view data, bool urgent) {
  auto count = ::send(socket_.native_handle(), data.data(), data.size(),
                      MSG_DONTWAIT | MSG_NOSIGNAL | (urgent ? MSG_OOB : 0));
  bool later = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  return later ? 0 : count;
}

void gateway_stream::wait_to_write() {
  if (std::exchange(writing_, true)) return;
  socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](std::error_code error) {
    self->writing_ = false;
    if (!error) self->write_more();
  });
}

void gateway_stream::write_more() {
  if (over_ || deaf_) return;
  bool urgent = !urgent_.empty() && urgent_.front() == 0;
  auto rest = out_.view().first(urgent ? 1 : urgent_.empty() ? out_.size() : urgent_.front());
  auto count = send(rest, urgent);
  if (count < 0) return write_broke(errno);
  if (count > 0) {
    if (urgent) urgent_.pop_front();
    for (auto& before : urgent_) before -= static_cast<std::size_t>(count);
    out_.taken(static_cast<std::size_t>(count));
    if (line_) line_->consumed(id_, static_cast<std::size_t>(count));
  }
  if (!out_.empty()) return wait_to_write();
  out_.release();
  settle();
}

// The application closed, and is still sent to. What it sent before may still wait to be read.
void gateway_stream::write_broke(int error) {
  if (reason_of_break(error) != mux_reason::failed) return application_left(error);
  deaf_ = reset_at_end_ = true;
  urgent_.clear();
  out_.taken(out_.size());
  out_.release();
  if (line_) {
    auto* line = line_;
    line->stop(id_);
    if (!sent_all_) line->readable(id_);
  }
  settle();
}

void gateway_stream::peer_ended() {
  in_ended_ = true;
  settle();
}

void gateway_stream::peer_reset(mux_reason why) {
  reset_by_ = why;
  detach();
  in_ended_ = sent_all_ = reset_at_end_ = true;
  settle();
}

void gateway_stream::peer_stopped() {
  sent_all_ = reset_at_end_ = true;
  settle();
}

// Both directions together: nothing that came is lost, and an abort never looks like an end.
void gateway_stream::settle() {
  if (over_ || !out_.empty() || !(in_ended_ || deaf_)) return;
  std::error_code ignored;
  if (!sent_all_) {
    if (!deaf_) socket_.shutdown(tcp::socket::shutdown_send, ignored);
    return;
  }
  detach();
  if (reset_at_end_) return drain_then_reset(drain_tries);
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  close(false, "done");
}

void gateway_stream::drain_then_reset(int tries) {
  int unsent = 0;
  bool known = ::ioctl(socket_.native_handle(), SIOCOUTQ, &unsent) == 0;
  if (deaf_ || tries == 0 || !known || unsent == 0)
    return close(true, "reset", "at the other side: " + reset_text(reset_by_));
  auto timer = std::make_shared<asio::steady_timer>(socket_.get_executor(), drain_step);
  timer->async_wait([self = shared_from_this(), timer, tries](std::error_code) {
    if (!self->over_) self->drain_then_reset(tries - 1);
  });
}

void gateway_stream::link_lost(const failure& why) {
  line_ = nullptr;
  auto tell = std::exchange(on_answer, nullptr);
  mux_refusal lost{mux_reason::unreachable, why.text};
  if (tell) tell(&lost);
  close(true, "cut", why.text);
}

void gateway_stream::detach(mux_reason why) {
  if (auto* line = std::exchange(line_, nullptr)) line->forget(id_, why);
}

void gateway_stream::close(bool as_reset, const char* result, std::string reason) {
  if (std::exchange(over_, true)) return;
  detach();
  out_.taken(out_.size());
  std::error_code ignored;
  if (as_reset)
    reset(socket_);
  else
    socket_.close(ignored);
  until_end.reset();
  book_->end(record_, result, std::move(reason));
}

} // namespace hublink
