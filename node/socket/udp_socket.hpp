#pragma once
/// A UDP socket that reads many datagrams at once. One thread.
#include "protocol/base/address.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"

#include <asio/ip/udp.hpp>

#include <functional>
#include <memory>

namespace hublink {

class udp_socket : public std::enable_shared_from_this<udp_socket> {
 public:
  using handler = std::function<void(const endpoint& from, byte_view data)>;

  explicit udp_socket(asio::io_context& context) : socket_(context) {}

  /// Port 0: the system chooses. `bad_config` with the address.
  outcome<> open(const endpoint& where);
  /// Calls `got` for each datagram until `close`.
  void read(handler got);
  /// False: it was not sent.
  bool send(const endpoint& to, byte_view data);
  void close();
  std::uint16_t port() const;

 private:
  void wait();
  bool read_some();

  asio::ip::udp::socket socket_;
  handler got_;
};

} // namespace hublink
