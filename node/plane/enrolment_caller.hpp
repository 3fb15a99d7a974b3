#pragma once
/// A connection by which a node that nobody knows yet asks for its certificate: one request, one answer.
/// docs/protocol/enrolment.md
#include "node/socket/sockets.hpp"
#include "node/socket/unproven_connections.hpp"
#include "node/trust/enrolment_desk.hpp"

#include <asio/steady_timer.hpp>

namespace hublink {

/// One thread: that of the socket. Lives as long as it waits for something.
class enrolment_caller : public std::enable_shared_from_this<enrolment_caller> {
 public:
  /// A manager's time to answer.
  static constexpr std::chrono::seconds patience{20};

  /// Is what a node that has a certificate asks for, for another one, proven by that? Before a manager is
  /// asked.
  using renewal_check = std::function<outcome<>(const signing_request& request)>;

  /// `ticket`: until the request was read. `desk` outlives the thread's work.
  static void take(tcp::socket socket, std::string source,
                   std::shared_ptr<unproven_connections::ticket> ticket, enrolment_desk& desk,
                   renewal_check check);

  enrolment_caller(tcp::socket socket, std::string source, enrolment_desk& desk, renewal_check check)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), source_(std::move(source)), desk_(desk),
        check_(std::move(check)) {}
  ~enrolment_caller();

 private:
  void read_head();
  void read_request(std::size_t size);
  void bring();
  void wait(int looks);
  void answer(const outcome<enrolled>& what);
  void drop();

  tcp::socket socket_;
  asio::steady_timer timer_;
  std::string source_;
  enrolment_desk& desk_;
  renewal_check check_;
  std::shared_ptr<unproven_connections::ticket> ticket_;
  std::array<std::byte, enrolment_head_size> head_{};
  bytes body_; ///< the request, then the answer
  std::uint64_t number_ = 0;
  bool answered_ = false;
};

} // namespace hublink
