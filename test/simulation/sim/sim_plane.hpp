#pragma once
/// The data plane of one life of one simulated node.
#include "simulation/sim/sim_circuits.hpp"
#include "simulation/sim/sim_links.hpp"

namespace hublink::sim {

class sim_plane final : public data_plane, public host {
 public:
  sim_plane(network& net, hello self);
  ~sim_plane() override;

  void listen(weak_owner<link_acceptor> acceptor) override;
  link_id dial(endpoints where, std::string peer, weak_owner<link_owner> owner) override;
  void adopt(link_id link, weak_owner<link_owner> owner) override;
  void send(link_id link, link_message message) override;
  void hang_up(link_id link) override;
  void resolve(std::uint64_t number, std::string name, weak_owner<resolve_owner> owner) override;
  circuit_id make_circuit(weak_owner<circuit_owner> owner) override;
  token expect(circuit_id circuit, side where) override;
  void attach(circuit_id circuit, side where, endpoints peer, token key) override;
  void run(circuit_id circuit, std::unique_ptr<circuit_end> end,
           std::unique_ptr<transfer_file> file) override;
  link_id upgrade(circuit_id circuit, std::string peer, weak_owner<link_owner> owner) override;
  /// Simulated streams have their own speed.
  void limit(circuit_id, std::uint64_t) override {}
  void limit_all(std::uint64_t) override {}
  void resume(circuit_id circuit, verdict answer) override;
  void close(circuit_id circuit, failure why) override;

  void accept(stream from) override;

  /// For a gateway link: the line of the circuit's one attached side, and how its borrower is told to end
  /// what it made of it. Then `give_back`.
  std::optional<sim_circuits::lent_line> lend(circuit_id circuit,
                                              std::function<void(const failure& why)> stop);
  void give_back(circuit_id circuit, const outcome<>& result) { circuits_.lent_is_over(circuit, result); }

  void distrust(std::set<std::string> peers) { links_.distrust(std::move(peers)); }

  /// Deaf and mute at once; what its actors still say is lost.
  void crash(bool tell_peers);
  /// Every orderly stop ends here.
  bool deaf() const { return deaf_; }

  std::size_t circuits() const { return circuits_.count(); }
  std::size_t links() const { return links_.count(); }

 private:
  network& net_;
  std::string node_;
  sim_links links_;
  sim_circuits circuits_;
  std::map<std::uint64_t, stream> visitors_; ///< connections that have said nothing yet
  bool deaf_ = false;
};

} // namespace hublink::sim
