#pragma once
/// An application's TCP connection at one end of a stream: what it sends is pulled by the link's mux, what
/// comes is written to it. One thread.
#include "actors/gateway/let_through.hpp"
#include "node/gateway/stream_book.hpp"
#include "node/socket/sockets.hpp"
#include "protocol/gateway/mux.hpp"

#include <asio/steady_timer.hpp>

#include <functional>

namespace hublink {

class gateway_link;

/// Of an application's connection, or of a listener whose connections inherit it: interactive and bulk use,
/// and it lives as long as its peer. No TCP_USER_TIMEOUT: an application may stop reading for as long as it
/// likes.
template <class Socket>
void tune_application(Socket& socket) {
  std::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
}

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

  // -- by its link
  void begin(gateway_link& link, mux_id id);
  void answered(const mux_refusal* why);
  void return_from_link(); ///< it was not answered, and will be asked for elsewhere
  mux_pulled pull(std::span<std::byte> room);
  void deliver(byte_view data);
  void peer_ended();
  void peer_reset();
  void peer_stopped();
  void link_lost(const failure& why);

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
  ssize_t receive(std::span<std::byte> room);
  void application_left();
  mux_pulled peek(std::span<std::byte> room);
  void take_what_was_peeked();
  /// The application reset it; the mux tells the peer.
  mux_pulled broken();
  void wait_to_read();
  void wait_to_write();
  void watch_for_reset();
  void write_more();
  void write_broke();
  void settle();
  void drain_then_reset(int tries);
  void detach();
  void close(bool as_reset, const char* result, std::string reason = {});

  tcp::socket socket_;
  std::shared_ptr<stream_book> book_;
  stream_book::record record_;
  gateway_link* link_ = nullptr; ///< while the stream exists on it
  mux_id id_ = 0;
  mux_buffer out_;          ///< towards the application
  std::size_t padding_ = 0; ///< still to be skipped
  std::size_t early_ = 0;   ///< said before the answer
  std::byte next_{};        ///< of the application
  bool answered_ = false;
  bool failed_ = false; ///< found while it was waited for
  bool reading_ = false, writing_ = false, over_ = false;
  bool sent_all_ = false; ///< the application ended its direction, or its peer takes no more
  bool in_ended_ = false; ///< nothing more comes for it
  bool deaf_ = false;     ///< it takes nothing more
  bool reset_at_end_ = false;
};

} // namespace hublink
