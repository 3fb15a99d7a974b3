#pragma once
/// The links of one simulated node: `hello` both ways, then frames of the real codec.
#include "simulation/network/network.hpp"

#include <deque>
#include <set>

namespace hublink::sim {

class sim_links {
 public:
  sim_links(network& net, hello self);

  /// The members of `data_plane` of these names.
  void listen(weak_owner<link_acceptor> acceptor) { acceptor_ = std::move(acceptor); }
  link_id dial(const endpoints& where, std::string peer, weak_owner<link_owner> owner);
  void adopt(link_id id, weak_owner<link_owner> owner);
  void send(link_id id, const link_message& message);
  void hang_up(link_id id);
  using over_handler = std::function<void(const outcome<>& result)>;
  /// A link inside a circuit, on that line (none: the circuit is gone).
  link_id begin_inside(stream line, bool dials, std::string peer, weak_owner<link_owner> owner,
                       over_handler over);
  void take_down(link_id id, failure why) { down(id, std::move(why)); }

  /// A connection that was dialled by somebody else and began with a TLS handshake.
  void accept(stream line, byte_view first);
  /// The certificates of those peers count no more: their links go down, and none of theirs comes up.
  void distrust(std::set<std::string> peers);
  void go_deaf();
  std::size_t count() const; ///< those hung up no longer count

 private:
  struct link {
    stream line;
    std::string peer;
    bool dialled = false, up = false, adopted = false, hung_up = false, finished = false;
    weak_owner<link_owner> owner;
    std::deque<bytes> queue;
    std::optional<failure> lost; ///< before anyone adopted it
    over_handler over;           ///< inside a circuit
  };

  void connected(link_id id, outcome<stream> line);
  void on_news(link_id id, stream::news what);
  void read(link_id id);
  bool take_frame(link_id id, byte_view frame);
  outcome<hello> check_hello(const std::string& peer, byte_view frame) const;
  void flush(link& on);
  void down(link_id id, failure why);
  void note(const std::string& what) { net_.in().note(self_.name, what); }

  network& net_;
  hello self_;
  weak_owner<link_acceptor> acceptor_;
  std::map<link_id, link> links_;
  std::set<std::string> distrusted_;
};

} // namespace hublink::sim
