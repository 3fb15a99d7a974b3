#pragma once
/// One connection of a program or browser: requests come one after the other, each with a time in which it
/// has to have come and its answer to have gone. One thread.
#include "node/web/http_parser.hpp"
#include "node/web/web_exchange.hpp"
#include "node/web/web_socket.hpp"
#include "node/web/web_thread.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <array>
#include <chrono>

namespace hublink {

/// Who answers at a listener. On the server's thread.
class web_service {
 public:
  virtual ~web_service() = default;
  /// How long a body that request may have, by its fields alone.
  virtual std::size_t most_body(const http_request& head) = 0;
  virtual void serve(const exchange_ptr& what) = 0;
};

struct web_times {
  std::chrono::seconds handshake{10}, head{10}, idle{60}, body{60}, reading{60}, finishing{10};
};

class web_connection : public std::enable_shared_from_this<web_connection> {
 public:
  using ended = std::function<void(const std::shared_ptr<web_connection>&)>;

  web_connection(asio::io_context& context, web_thread thread, tcp::socket socket,
                 std::shared_ptr<asio::ssl::context> tls, std::string from, web_service& service, ended over);

  void start();
  void close();
  /// No request of it is being answered: it may go for another.
  bool is_waiting() const { return !exchange_ && !source_ && !is_writing_; }
  /// It has never asked for anything.
  bool is_silent() const { return answered_ == 0 && is_waiting(); }

 private:
  void within(std::chrono::seconds time);
  void read();
  void take(std::string_view data);
  void go_on();
  void refuse();
  void begin();
  void answer(http_answer what);
  void stream(http_answer head, std::shared_ptr<web_source> source);
  void ask_source();
  void finish();
  void write(std::string text, std::function<void()> then);

  const web_thread thread_;
  web_socket socket_;
  const std::string from_;
  web_service& service_;
  ended over_;
  asio::steady_timer timer_;
  http_parser parser_;
  std::array<char, 8192> room_{};
  std::string output_;
  exchange_ptr exchange_;
  std::shared_ptr<web_source> source_;
  bool is_writing_ = false, is_open_ = true, head_only_ = false, keeps_ = false;
  std::uint64_t answered_ = 0;
};

} // namespace hublink
