#pragma once
/// The real data plane: sockets, TLS, splice. One io thread for accept, links and relays; the ends of
/// transfers work on pools of their own.
#include "actors/definition/definition.hpp"
#include "actors/definition/live_definition.hpp"
#include "actors/ports/data_plane.hpp"
#include "node/files/disk_pools.hpp"
#include "node/line/neighbour_line.hpp"
#include "node/link/tls_context.hpp"
#include "node/socket/connect.hpp"
#include "node/trust/enrolment_desk.hpp"

#include <asio/io_context.hpp>

#include <functional>

namespace hublink {

/// Somebody who works with a circuit's socket outside of the plane. Called on the io thread.
struct circuit_borrower {
  std::function<void(int fd, line_member_ptr line)> take; ///< owns it from now on; `leave`s the line before
                                                          ///< it closes it
  std::function<void(const failure& why)> close; ///< must end it and give it back; also if it was not taken
};

struct io_plane_config {
  endpoints where; ///< listens here; port 0 lets the system choose
  plane_identity own;
  std::uint64_t incarnation = 0; ///< random per start of the process
  node_limits limits;
  dial_settings dialling;
  disk_pools_ptr disks = std::make_shared<disk_pools>(); ///< where the files of circuits are worked on
  bool listens = true;
  enrolment_desk* enrolments = nullptr; ///< a server's; outlives the plane
  live_definition self{};               ///< how lines are treated
  /// Lines for the log: peers that were refused. On the io thread.
  std::function<void(const std::string& line)> warn = [](const std::string&) {};
  /// What the system does not let it do.
  std::function<void(const std::string& line)> warn_of_system = [](const std::string&) {};
};

class io_plane : public data_plane {
 public:
  /// Binds and listens; peers wait until `listen`. `bad_config` names the address or the file that can't be
  /// used.
  static outcome<std::unique_ptr<io_plane>> make(io_plane_config config);
  ~io_plane() override;

  /// Runs the io thread.
  void start();
  /// Closes everything and joins. No message is delivered afterwards. Not on the io thread.
  void stop();
  /// Where it listens, with the real ports. Before `start`.
  endpoints listens_at() const;
  /// Called on the io thread for each SIGINT and SIGTERM. Before `start`.
  void on_signal(std::function<void()> handler);
  /// For others who work on the io thread.
  asio::io_context& context();
  /// The revocation list, or the clock, changed: links whose peer's certificate counts no more go down.
  void recheck();
  /// Links show that certificate of this node from now on. `warn` hears if they can't.
  void renew(std::shared_ptr<const own_pair> pair, std::function<void(const failure& why)> warn);
  /// Of the node's neighbours, and of others with whom it had connections. Thread-safe.
  line_reports lines() const;
  /// For those who carry gateway links: the circuit's one attached side, until it is given back with what it
  /// carried.
  void lend(circuit_id circuit, circuit_borrower borrower);
  void give_back(circuit_id circuit, bool is_origin, outcome<> result, std::uint64_t received,
                 std::uint64_t sent);

  void listen(weak_owner<link_acceptor> acceptor) override;
  link_id dial(endpoints where, std::string peer, weak_owner<link_owner> owner) override;
  void adopt(link_id link, weak_owner<link_owner> owner) override;
  void send(link_id link, link_message message) override;
  void hang_up(link_id link) override;
  void resolve(std::uint64_t number, std::string host, weak_owner<resolve_owner> owner) override;
  circuit_id make_circuit(weak_owner<circuit_owner> owner) override;
  void goes_over(circuit_id circuit, side where, std::string peer) override;
  token expect(circuit_id circuit, side where) override;
  void attach(circuit_id circuit, side where, endpoints peer, token key) override;
  void run(circuit_id circuit, std::unique_ptr<circuit_end> end,
           std::unique_ptr<transfer_file> file) override;
  link_id upgrade(circuit_id circuit, std::string peer, weak_owner<link_owner> owner) override;
  void limit(circuit_id circuit, std::uint64_t rate) override;
  void limit_all(std::uint64_t rate) override;
  void resume(circuit_id circuit, verdict answer) override;
  void close(circuit_id circuit, failure why) override;

 private:
  struct parts;
  explicit io_plane(std::unique_ptr<parts> made);

  std::unique_ptr<parts> parts_;
};

} // namespace hublink
