#pragma once
/// A client that is registered and takes all that it gets: it asks its home server for circuits as fast as it
/// can, some that it may have and more that it may not, and gives none back.
#include "protocol/link/link_message.hpp"
#include "simulation/network/network.hpp"

#include <map>
#include <memory>
#include <string>

namespace hublink::sim {

class greedy_peer {
 public:
  /// `name` sends `file`; its own node stays idle. The server is found at `home`.
  greedy_peer(network& net, std::string name, const endpoint& home, std::string file);
  ~greedy_peer() { stop(); }
  greedy_peer(const greedy_peer&) = delete;

  /// Asks for so many circuits, some at a time, and begins anew whenever its link is lost.
  void ask(int circuits);
  /// Hangs up.
  void stop();

  int asked() const { return asked_; }
  int refused(errc code) const;
  /// What it holds, unless the time to claim it is over.
  int opened() const { return opened_; }

 private:
  void connect();
  void ask_some();
  void read();

  network& net_;
  hello self_;
  endpoint home_;
  std::string file_;
  stream line_;
  bool planned_ = false; ///< to ask for more
  int wanted_ = 0, asked_ = 0, opened_ = 0;
  std::map<errc, int> refused_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace hublink::sim
