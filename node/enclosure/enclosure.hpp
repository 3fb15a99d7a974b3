#pragma once
/// `hublink wrap --strict`: a network namespace with the gateway as the only way out.
#include "node/enclosure/socks_dialler.hpp"
#include "node/enclosure/ways_out.hpp"
#include "protocol/base/errors.hpp"

namespace hublink {

struct enclosure_settings {
  socks_gateway gateway;
  ways_out ways;
  std::vector<std::string> names; ///< patterns of those that have an address at all; none: all names
};

/// This process goes into an enclosure, and with it what it begins. A process of its own, which nobody waits
/// for, carries its connections and datagrams, until neither this one nor any other is in there.
/// `bad_config`: it may not be made here, and what to do. Before there are threads.
outcome<> enter_enclosure(enclosure_settings settings);

} // namespace hublink
