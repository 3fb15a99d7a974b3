#pragma once
/// All links of a node, by id, and who owns them. One thread (the plane's).
#include "actors/ports/data_plane.hpp"
#include "node/line/line_book.hpp"
#include "node/link/tls_link.hpp"
#include "node/socket/connect.hpp"
#include "node/socket/unproven_connections.hpp"
#include "protocol/base/repeat_tally.hpp"
#include "protocol/base/work_pace.hpp"

#include <deque>
#include <memory>
#include <unordered_map>

namespace hublink {

class link_table {
 public:
  /// Result, bytes received and sent on the socket.
  using over_handler =
      std::function<void(const outcome<>& result, std::uint64_t received, std::uint64_t sent)>;
  using warning = std::function<void(const std::string& line)>;

  /// What one peer may have and do, by the name in its certificate.
  struct limits {
    std::size_t links = 4;  ///< that it made; a new one takes the oldest's place
    double messages = 2000; ///< a second, of clients and managers; `cost_of` says how much each counts
  };

  /// `warn` hears of peers that were refused before they had an owner.
  link_table(asio::io_context& context, std::shared_ptr<const link_setup> setup, dial_settings dialling,
             limits most, line_book& lines, warning warn);

  void listen(weak_owner<link_acceptor> to) { acceptor_ = std::move(to); }
  /// An unproven connection whose first byte asked for TLS; `id` is new.
  void accept(link_id id, tcp::socket socket, std::shared_ptr<unproven_connections::ticket> ticket);
  void dial(link_id id, const endpoints& where, std::string peer, weak_owner<link_owner> owner);
  /// A link inside a circuit; `over` gets its end, once.
  void begin_inside(link_id id, tcp::socket socket, line_member_ptr line, bool dials, const std::string& peer,
                    weak_owner<link_owner> owner, over_handler over);
  void adopt(link_id id, weak_owner<link_owner> owner);
  void send(link_id id, const link_message& message);
  void hang_up(link_id id);
  /// At once; its owner is told.
  void take_down(link_id id, const failure& why);
  /// New links show that certificate of this node, and those that are up are told of it.
  outcome<> renew(const own_pair& pair);
  /// Takes those down whose peer's certificate does not count any more. Done by itself when one ends.
  void recheck();
  void close_all();

 private:
  struct peer_state {
    explicit peer_state(double messages) : pace(messages) {}
    work_pace pace;
    std::deque<link_id> accepted; ///< oldest first
    std::size_t unwritten = 0;    ///< bytes, on all its links
  };
  struct entry {
    std::shared_ptr<tls_link> link; ///< none while it is being dialled
    std::string peer;               ///< once it is up
    peer_state* paced = nullptr;    ///< of who is not let ask as fast as it can
    weak_owner<link_owner> owner;
    bool dialled = false, owned = false;
    std::string wanted;                        ///< whom it was dialled to reach
    endpoints others;                          ///< dialled where the one under way does not lead to the peer
    over_handler over;                         ///< inside a circuit
    std::shared_ptr<asio::steady_timer> limit; ///< for dialling, and for being adopted
  };

  void dial_one_of(link_id id, const endpoints& where, const std::string& peer);
  void connected(link_id id, const std::string& peer, const connection& to);
  /// Dials the peer's other addresses, if it has some that were not tried.
  bool dial_others(link_id id, const failure& why);
  tls_link::handler events_of(link_id id);
  void received(link_id id, link_message message, std::size_t bytes);
  void take_newer(link_id id, tls_link& link, const shown_certificate& shown);
  void written(link_id id, std::size_t bytes);
  peer_state& state_of(const std::string& peer);
  /// One more that this peer made.
  void make_room(link_id id, const std::string& peer);
  void forget(link_id id, const entry& last);
  void warn(const std::string& line);
  void came_up(link_id id, const hello& peer);
  void limit(link_id id, std::chrono::milliseconds time, failure why);
  void look_again_before(trust::clock_time end);
  entry* find(link_id id);
  void gone(link_id id, const failure& why);
  void send_on(link_id id, tls_link& link, const bytes& message);
  void not_sent(link_id id, const link_message& message, const failure& why);

  asio::io_context& context_;
  std::shared_ptr<const link_setup> setup_;
  dial_settings dialling_;
  limits most_;
  line_book& lines_;
  warning warn_;
  repeat_tally warned_;
  asio::steady_timer warned_limit_;
  weak_owner<link_acceptor> acceptor_;
  std::unordered_map<link_id, entry> links_;
  /// By name: all that ever came, which are no more than there are certificates. Who comes back is not new.
  std::unordered_map<std::string, peer_state> peers_;
  asio::steady_timer look_;
  bool looking_ = false; ///< that timer runs
};

} // namespace hublink
