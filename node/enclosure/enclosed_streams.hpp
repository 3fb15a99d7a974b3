#pragma once
/// The connections of an enclosed program: dialled on the far side before they are let in here. One thread.
#include "node/circuit/pipe_pool.hpp"
#include "node/enclosure/connection_door.hpp"
#include "node/enclosure/name_answers.hpp"
#include "node/enclosure/socks_dialler.hpp"

#include <set>

namespace hublink {

class enclosed_streams {
 public:
  struct surroundings {
    std::shared_ptr<const socks_gateway> gateway;
    ways_out ways;
    std::set<endpoint> name_servers; ///< whose questions `names` answers
  };

  enclosed_streams(asio::io_context& context, own_network& network, const surroundings& around,
                   name_answers& names);

  outcome<> open() { return door_.open(); }

 private:
  using ends = std::pair<endpoint, endpoint>; ///< of the program's socket: its own, and where it wants to go

  void opening(opening_segment segment);
  void dial(const opening_segment& segment);
  void answered(const ends& which, std::optional<packet_mark> mark, std::shared_ptr<tcp::socket> far);
  void opened(const ends& which, tcp::socket near);

  struct attempt {
    opening_segment segment;
    std::shared_ptr<tcp::socket> far{}; ///< once it is there
    std::shared_ptr<void> guard{};      ///< forgets it, where the program does not come
  };

  asio::io_context& context_;
  const surroundings& around_;
  name_answers& names_;
  std::shared_ptr<pipe_pool> pipes_ = std::make_shared<pipe_pool>();
  std::map<ends, attempt> attempts_;
  connection_door door_;
};

} // namespace hublink
