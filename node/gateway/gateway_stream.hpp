#pragma once
/// An application's TCP connection at one end of a stream: what it sends is pulled by the link's mux, what
/// comes is written to it. One thread.
#include "actors/gateway/let_through.hpp"
#include "node/gateway/application_socket.hpp"
#include "node/gateway/stream_book.hpp"
#include "node/gateway/stream_line.hpp"
#include "node/socket/sockets.hpp"
#include "protocol/gateway/mux.hpp"

#include <asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <optional>

namespace hublink {

class gateway_stream : public std::enable_shared_from_this<gateway_stream> {
 public:
  /// The socket is tuned already.
  gateway_stream(tcp::socket socket, std::shared_ptr<stream_book> book, stream_book::record record);
  ~gateway_stream();

  /// Called once, at the calling side, with why the stream is refused, or null when the destination is there.
  /// By default a refusal resets the connection.
  std::function<void(const mux_refusal*)> on_answer;
  /// As what it was let through here. Set by who asks for it, or connected it.
  let_through way;
  /// Released when it ends.
  std::shared_ptr<void> until_end;

  // -- by its link
  void begin(stream_line& line, mux_id id);
  void answered(const mux_refusal* why);
  void return_from_link(); ///< it was not answered, and will be asked for elsewhere
  mux_pulled pull(std::span<std::byte> room);
  void deliver(byte_view data);
  void deliver_urgent(std::byte data);
  void peer_ended();
  /// The other application has taken something of what this one sent.
  void peer_moved() { still_since_ = {}; }
  void peer_reset(mux_reason why);
  void peer_stopped();
  void link_lost(const failure& why);

  // -- by who watches over it
  stream_life life;
  /// Ends it if the application's machine is gone, or if it is half-closed and still for too long.
  void look(mux::clock::time_point now);
  /// The calling side: how the application watches over its connection.
  void want_keep_alive(const mux_keep_alive& how);
  /// The called side: how its peer does.
  void keep_alive(const mux_keep_alive& how) { hublink::keep_alive(socket_.native_handle(), how); }

  // -- by who took the application in, while the answer is awaited
  /// An application that resets its connection is gone, and the stream with it.
  void watch_for_leaving();
  /// So many bytes come before the application's own.
  void skip(std::size_t padding);

  bool over() const { return over_; }
  tcp::socket& socket() { return socket_; }
  const stream_report& report() const { return *record_; }
  /// Nobody will carry it. The application sees a reset.
  void refuse(const mux_refusal& why);
  /// The same where the application was told: it sees an end.
  void refuse_after_answer(const mux_refusal& why);

 private:
  /// `urgent`: whether it is one byte of urgent data.
  ssize_t receive(std::span<std::byte> room, bool& urgent);
  ssize_t send(byte_view data, bool urgent);
  void application_left(int error = 0);
  mux_pulled peek(std::span<std::byte> room);
  void take_what_was_peeked();
  /// The application reset it; the mux tells the peer.
  mux_pulled broken(int error);
  void wait_to_read();
  void wait_to_write();
  void watch_for_reset();
  void write_more();
  void write_broke(int error);
  void settle();
  void drain_then_reset(int tries);
  void detach(mux_reason why = mux_reason::failed);
  void end(mux_reason why);
  void close(bool as_reset, const char* result, std::string reason = {});

  tcp::socket socket_;
  std::shared_ptr<stream_book> book_;
  stream_book::record record_;
  stream_line* line_ = nullptr; ///< while the stream exists on it
  mux_id id_ = 0;
  mux_buffer out_;          ///< towards the application
  std::size_t padding_ = 0; ///< still to be skipped
  std::size_t early_ = 0;   ///< said before the answer
  std::byte next_{};        ///< of the application
  bool answered_ = false;
  std::error_code failed_;                   ///< found while it was waited for
  std::deque<std::size_t> urgent_;           ///< bytes of `out_` that are, by what is in front of them
  std::optional<mux_keep_alive> keep_alive_; ///< wanted, for its destination
  mux_reason reset_by_ = mux_reason::failed;
  std::uint64_t moved_ = 0; ///< when it was looked at last
  mux::clock::time_point still_since_{};
  bool reading_ = false, writing_ = false, over_ = false;
  bool sent_all_ = false; ///< the application ended its direction, or its peer takes no more
  bool in_ended_ = false; ///< nothing more comes for it
  bool deaf_ = false;     ///< it takes nothing more
  bool reset_at_end_ = false;
};

} // namespace hublink
