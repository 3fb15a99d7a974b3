#pragma once
/// Tells who sent a datagram that nobody is at the port that he sent it to, as the system does where no
/// socket is: his socket says ECONNREFUSED.
#include "protocol/base/address.hpp"

namespace hublink {

class port_refusals {
 public:
  /// Needs CAP_NET_RAW now, and later no more.
  port_refusals();
  ~port_refusals();
  port_refusals(const port_refusals&) = delete;
  port_refusals& operator=(const port_refusals&) = delete;

  /// `port`: an address of this machine, where `to` had sent to. False: this process may not.
  bool say(const endpoint& port, const endpoint& to) const;

 private:
  int v4_, v6_;
};

} // namespace hublink
