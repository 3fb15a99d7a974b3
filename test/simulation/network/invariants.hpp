#pragma once
/// What must hold at the end of every run, whatever happened in it.
#include "simulation/network/universe.hpp"

#include <string>
#include <vector>

namespace hublink::sim {

/// Every content that a file ever had, with the time from which on.
class content_ledger {
 public:
  void note(const std::string& node, const std::string& path, duration when, byte_view content);
  /// Had the file a content of that digest at any time between?
  bool had(const std::string& node, const std::string& path, const std::string& digest, duration from,
           duration until) const;

 private:
  struct version {
    duration since;
    std::string xxh128, sha256;
  };
  std::map<std::pair<std::string, std::string>, std::vector<version>> versions_;
};

/// A send that its node has promised.
struct promised_send {
  std::string from, file;
  transfer_id transfer;
  duration asked{0};
};

/// The network is quiet and all its nodes run. One line for each thing that is wrong.
std::vector<std::string> violations(universe& on, const content_ledger& ledger,
                                    const std::vector<promised_send>& promised);

/// How many gateway links that server began to dial, in all its lives. Nothing else begins at a server.
int gateway_dials(universe& on, const std::string& server);

/// The network is in order. Every gateway link that shall be kept comes up, alone, and stays; every
/// application gets on; nobody dials without need; and when the proxy function is switched off, no link comes
/// back. Leaves it switched off.
std::vector<std::string> gateway_account(universe& on);

/// Puts the network in order (every line up, every node running), lets it come to rest and judges it: what
/// `violations` finds, and whatever does not end. Stops all nodes.
std::vector<std::string> final_account(universe& on, const content_ledger& ledger,
                                       const std::vector<promised_send>& promised);

} // namespace hublink::sim
