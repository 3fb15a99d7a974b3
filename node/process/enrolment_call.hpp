#pragma once
/// A question for a certificate, put to a server: one request, one answer. docs/protocol/enrolment.md
#include "node/socket/connect.hpp"
#include "node/socket/name_lookups.hpp"
#include "protocol/base/dial_address.hpp"
#include "protocol/trust/enrolment.hpp"

namespace hublink {

/// One thread: that of the context. Lives as long as it waits for something.
class enrolment_call : public std::enable_shared_from_this<enrolment_call> {
 public:
  using handler = std::function<void(const outcome<enrolled>& answer)>;
  /// A server lets a manager take half of that.
  static constexpr std::chrono::seconds patience{40};

  /// `done` is called once, on that thread; never if the context ends before that.
  static void begin(asio::io_context& context, dial_address where, bytes request, dial_settings how,
                    handler done);

  enrolment_call(asio::io_context& context, dial_address where, bytes request, dial_settings how,
                 handler done);

 private:
  void look_up();
  void dial(const endpoints& places);
  void write();
  void read_head();
  void read_body(std::size_t size);
  void broken(std::error_code error);
  void finish(const outcome<enrolled>& answer);

  asio::io_context& context_;
  dial_address where_;
  bytes out_, body_;
  dial_settings how_;
  handler done_;
  name_lookups lookups_;
  asio::steady_timer limit_;
  std::shared_ptr<tcp::socket> socket_;
  std::array<std::byte, enrolment_answer_head_size> head_{};
};

} // namespace hublink
