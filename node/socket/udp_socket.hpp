#pragma once
/// A UDP socket that reads many datagrams at once. One thread.
#include "protocol/base/address.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"

#include <asio/ip/udp.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace hublink {

class udp_socket : public std::enable_shared_from_this<udp_socket> {
 public:
  using handler = std::function<void(const endpoint& from, byte_view data)>;
  using refusal_handler = std::function<void(const endpoint& by)>;

  explicit udp_socket(asio::io_context& context) : socket_(context) {}

  /// Port 0: the system chooses. `bad_config` with the system's reason.
  outcome<> open(const endpoint& where);
  /// Calls `got` for each datagram until `close`.
  void read(handler got);
  /// Calls `told` when the machine of an address that was sent to says that nobody is at that port. After
  /// `open`, until `close`.
  void watch_refusals(refusal_handler told);
  /// For so long the system answers whoever sends here that nobody is at this port; from then on it serves
  /// that address alone.
  void turn_away(std::chrono::milliseconds time, const endpoint& then_only);
  /// False: it was not sent.
  bool send(const endpoint& to, byte_view data);
  void close();
  /// Reads what the system still holds, and closes.
  void finish();
  std::uint16_t port() const;

 private:
  void wait();
  bool read_some();
  void read_refusals();
  bool connect_to(const endpoint& where);

  asio::ip::udp::socket socket_;
  handler got_;
  refusal_handler refused_;
};

} // namespace hublink
