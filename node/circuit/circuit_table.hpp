#pragma once
/// All circuits of a node, by id: their sockets, from the first token to `ended`. One thread (the plane's).
#include "actors/definition/definition.hpp"
#include "actors/ports/data_plane.hpp"
#include "node/circuit/end_pump.hpp"
#include "node/circuit/splicer.hpp"
#include "node/circuit/token_table.hpp"
#include "node/line/line_book.hpp"
#include "node/socket/connect.hpp"

#include <memory>
#include <optional>
#include <unordered_map>

namespace hublink {

class circuit_table {
 public:
  circuit_table(asio::io_context& context, dial_settings dialling, worker_pools& pools,
                const node_limits& limits, line_book& lines);

  void make(circuit_id id, weak_owner<circuit_owner> owner);
  void goes_over(circuit_id id, side where, std::string peer);
  void expect(circuit_id id, side where, const token& key);
  /// An unproven connection that showed `key`: accepted, or refused with one status byte.
  void claim(tcp::socket socket, const token& key);
  void attach(circuit_id id, side where, const endpoints& peer, const token& key);
  void run(circuit_id id, std::unique_ptr<circuit_end> end, std::unique_ptr<transfer_file> file);
  /// Its one attached socket and whether that is the far one, to be used by others: `stop` closes what they
  /// made of it, and they say when it is over. Nothing if there is none.
  struct lent_socket {
    data_socket of;
    bool is_origin = false;
  };
  std::optional<lent_socket> lend(circuit_id id, std::function<void(const failure& why)> stop);
  void lent_is_over(circuit_id id, bool is_origin, const outcome<>& result, std::uint64_t received,
                    std::uint64_t sent);
  /// Bytes per second, 0 for no limit: of one sending end, of all together.
  void limit(circuit_id id, std::uint64_t rate);
  void limit_all(std::uint64_t rate);
  void resume(circuit_id id, const verdict& answer);
  void close(circuit_id id, const failure& why);
  /// Resets all; nobody is told.
  void close_all();

 private:
  struct circuit {
    weak_owner<circuit_owner> owner;
    std::optional<data_socket> near, far; ///< attached and not yet in use
    std::string near_peer, far_peer;      ///< empty: not said
    std::shared_ptr<splicer> joined;
    std::shared_ptr<end_pump> pump;
    std::function<void(const failure& why)> stop; ///< of what uses a socket that was lent
    std::uint64_t send_rate = 0;                  ///< bytes per second

    std::optional<data_socket>& at(side where) { return where == side::near ? near : far; }
    std::string& peer_at(side where) { return where == side::near ? near_peer : far_peer; }
    bool in_use() const { return joined || pump || stop; }
  };

  circuit* find(circuit_id id);
  void attached_side(circuit_id id, side where, tcp::socket socket);
  void join(circuit_id id, circuit& circuit);
  void pump_ended(circuit_id id, bool is_origin, end_pump::report report);
  void end(circuit_id id, ended what);
  void watch_tokens();

  asio::io_context& context_;
  dial_settings dialling_;
  worker_pools& pools_;
  line_book& lines_;
  waiting_limits patience_;
  std::shared_ptr<shared_rate_limit> send_limit_;
  std::shared_ptr<pipe_pool> pipes_ = std::make_shared<pipe_pool>();
  std::unordered_map<circuit_id, circuit> circuits_;
  token_table tokens_;
  asio::steady_timer token_limit_;
  bool watching_ = false;
};

} // namespace hublink
