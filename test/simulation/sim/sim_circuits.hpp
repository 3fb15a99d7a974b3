#pragma once
/// The circuits of one simulated node: tokens, data sockets, relays and transfer ends.
#include "simulation/sim/end_driver.hpp"

namespace hublink::sim {

/// How long a token waits for its socket.
inline constexpr std::chrono::seconds token_lifetime{10};

class sim_circuits {
 public:
  sim_circuits(network& net, std::string node) : net_(net), node_(std::move(node)) {}

  /// The members of `data_plane` of these names.
  circuit_id make(weak_owner<circuit_owner> owner);
  token expect(circuit_id id, side where);
  void attach(circuit_id id, side where, const endpoints& peer, const token& key);
  void run(circuit_id id, std::unique_ptr<circuit_end> end, std::unique_ptr<transfer_file> file);
  /// For a link inside the circuit.
  struct lent_line {
    stream line;
    bool is_origin = false;
  };
  std::optional<lent_line> lend(circuit_id id);
  void lent_to(circuit_id id, std::function<void(const failure& why)> stop);
  void lent_is_over(circuit_id id, const outcome<>& result);
  void resume(circuit_id id, const verdict& answer);
  void close(circuit_id id, failure why);

  /// A data socket that was dialled by somebody else and began with that preamble.
  void accept(stream line, byte_view preamble);
  void go_deaf();
  std::size_t count() const { return circuits_.size(); }

 private:
  struct arm {
    stream line;
    bool attached = false, finished = false;
  };
  struct circuit {
    weak_owner<circuit_owner> owner;
    arm arms[2]; ///< by side
    std::unique_ptr<circuit_end> end;
    std::unique_ptr<transfer_file> file;
    std::shared_ptr<end_driver> driver;
    std::function<void(const failure& why)> stop; ///< of the link inside
    std::uint64_t bytes = 0, bytes_back = 0;
  };
  struct claim {
    circuit_id circuit = 0;
    side where = side::near;
  };

  circuit* find(circuit_id id);
  arm& arm_of(circuit& of, side where) { return of.arms[std::size_t(where)]; }
  void connected(circuit_id id, side where, const token& key, outcome<stream> line);
  void on_status(circuit_id id, side where);
  void attached(circuit_id id, side where);
  void on_news(circuit_id id, side where, stream::news what);
  void begin_end(circuit_id id, side where);
  void relay(circuit_id id);
  void move(arm& from, arm& to, std::uint64_t& count);
  void end(circuit_id id, outcome<> result, transfer_progress content = {}, std::string digest = {});
  void note(const std::string& what) { net_.in().note(node_, what); }

  network& net_;
  std::string node_;
  std::map<circuit_id, circuit> circuits_;
  std::map<token, claim> tokens_;
};

} // namespace hublink::sim
