#include "node/topology/hop_check.hpp"
#include "node/topology/network_graph.hpp"
#include "protocol/link/link_message.hpp"

namespace hublink {

namespace {

/// The two ends of a circuit count, too.
constexpr std::size_t most_servers = max_hops - 2;

class hop_checker {
 public:
  hop_checker(const topology& net, problems& found)
      : net_(net), graph_(net), is_small_(graph_.links().size() <= most_servers), found_(found) {}

  void check_transfers() {
    for (const auto& [file, transfer] : net_.transfers) {
      if (transfer.placement == placing::direct) continue;
      if (is_small_ && transfer.placement != placing::manual) continue;
      for (std::size_t i = 0; i < transfer.to.size(); ++i)
        note("transfers." + file + ".to[" + std::to_string(transfer.to_entry[i]) + "]", transfer.from,
             transfer.to[i], way_of(transfer, transfer.to[i]));
    }
  }

  void check_gateways() {
    if (is_small_) return;
    for (const auto& [name, gateway] : net_.gateways)
      note("gateways." + name, gateway.calling, gateway.called,
           servers_on({gateway.calling, gateway.called}));
  }

  void check_managers() {
    if (is_small_) return;
    for (const auto& [name, node] : net_.nodes) {
      if (node.role != role::manager) continue;
      for (const auto& [server, links] : graph_.links())
        note("nodes." + name, name, server, servers_on({node.home, server}));
    }
  }

 private:
  /// Servers that are passed for sure. An auto broadcast's point is chosen where it costs least.
  int way_of(const topology_transfer& transfer, const std::string& receiver) const {
    std::vector<std::string> named{net_.dialled_by(transfer.from, transfer.to)};
    named.insert(named.end(), transfer.via.begin(), transfer.via.end());
    if (transfer.broadcast_at) named.push_back(*transfer.broadcast_at);
    named.push_back(net_.dialled_by(receiver, {transfer.from}));
    return servers_on(named);
  }

  /// By shortest ways from one to the next; 0 if there is none, which others note.
  int servers_on(const std::vector<std::string>& named) const {
    int count = 1;
    for (std::size_t i = 1; i < named.size(); ++i) {
      auto leg = graph_.between(named[i - 1], named[i]);
      if (!leg) return 0;
      count += leg->hops;
    }
    return count;
  }

  void note(const std::string& path, const std::string& from, const std::string& to, int servers) {
    if (servers > int(most_servers))
      found_.push_back({path, "from " + from + " to " + to + " there are " + std::to_string(servers) +
                                  " servers, and a circuit passes " + std::to_string(most_servers) +
                                  " at most; link some of them directly"});
  }

  const topology& net_;
  const network_graph graph_;
  const bool is_small_; ///< only a way that passes servers twice can be too long
  problems& found_;
};

} // namespace

void check_hops(const topology& net, problems& found) {
  hop_checker check{net, found};
  check.check_transfers();
  check.check_gateways();
  check.check_managers();
}

} // namespace hublink
