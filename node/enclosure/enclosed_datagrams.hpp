#pragma once
/// The datagrams of an enclosed program. Each pair of its socket and a destination is a flow of its own,
/// which ends when nothing came or went for a while. One thread.
#include "node/enclosure/enclosed_streams.hpp"

#include <asio/steady_timer.hpp>

#include <deque>
#include <list>

namespace hublink {

class enclosed_datagrams {
 public:
  enclosed_datagrams(asio::io_context& context, own_network& network,
                     const enclosed_streams::surroundings& around, name_answers& names);

  /// `bad_config`: such sockets may not be made here.
  outcome<> open();

 private:
  using ends = std::pair<endpoint, endpoint>; ///< the program's socket, and the destination
  using clock = std::chrono::steady_clock;

  struct flow {
    std::shared_ptr<tcp::socket> control; ///< the gateway's port lives as long
    unique_fd far;                        ///< towards the gateway's port, or the destination itself
    std::shared_ptr<asio::posix::stream_descriptor> watched; ///< `far`
    std::deque<bytes> waiting;                               ///< for the gateway's port
    clock::time_point used;
  };

  outcome<> listen(bool v6);
  void read(asio::posix::stream_descriptor& listener, bool v6);
  void arrived(const ends& which, byte_view data);
  void begin(const ends& which, flow& fresh, way_out way);
  void connect(const ends& which, flow& to, const endpoint& where);
  void read_far(const ends& which);
  void send_far(const ends& which, const flow& by, byte_view data);
  void answer(const ends& which, byte_view data);
  void refuse(const ends& which);
  int sender_as(const endpoint& own);
  void end_idle();

  asio::io_context& context_;
  own_network& network_;
  const enclosed_streams::surroundings& around_;
  name_answers& names_;
  asio::posix::stream_descriptor v4_, v6_;
  std::map<ends, flow> flows_;
  marked_packets packets_out_;
  std::map<endpoint, unique_fd> senders_; ///< sockets inside that have a destination's address
  asio::steady_timer timer_;
};

} // namespace hublink
