#pragma once
/// Sends whole packets inside a namespace, with a mark by which its rules know what becomes of them. One
/// thread.
#include "node/enclosure/own_network.hpp"
#include "node/enclosure/packet_rules.hpp"
#include "protocol/base/bytes.hpp"

#include <map>

namespace hublink {

class marked_packets {
 public:
  explicit marked_packets(own_network& network) : network_(network) {}

  /// From its IP header on. One that can't be sent is lost, as in any network.
  void send(const ip_address& to, byte_view packet, packet_mark mark);

 private:
  int sender(packet_mark mark, bool v6);

  own_network& network_;
  std::map<std::pair<packet_mark, bool>, unique_fd> senders_; ///< raw sockets
};

/// For what is sent from inside to inside. 0, or an error.
int mark_packets(int fd, packet_mark mark);

} // namespace hublink
