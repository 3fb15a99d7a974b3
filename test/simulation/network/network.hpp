#pragma once
/// The lines between simulated nodes. A connection behaves as TCP does: in order and reliable until it is
/// cut, with a bounded window, FIN and RST. Delays are drawn per delivery, never per byte, so that content of
/// random length changes no timing.
#include "simulation/network/world.hpp"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace hublink::sim {

/// What a line does with what is sent over it.
enum class line_state : std::uint8_t {
  up,
  refusing, ///< new connections are refused at once
  silent,   ///< nothing arrives until it is up again, and nobody is told
};

struct delays {
  duration least = std::chrono::microseconds{50}, most = std::chrono::milliseconds{20};
};

/// Deliveries that may be under way or unread in one direction; a writer waits for room.
inline constexpr std::size_t stream_window = 8;
/// Before the next address of several is dialled, too.
inline constexpr std::chrono::milliseconds next_address{250};
inline constexpr std::chrono::seconds dial_timeout{3}, user_timeout{30}, keep_alive{10}, longest_back_off{10};

class network;

/// One TCP connection between two nodes; its ends are `stream`s.
class connection : public std::enable_shared_from_this<connection> {
 public:
  enum class news : std::uint8_t { readable, writable, broken };
  using listener = std::function<void(news)>;
  struct item {
    bytes data;
    bool fin = false;
  };

  connection(network& net, std::string dialler, std::string acceptor, bool silence_kills);

  /// Both ends learn of the break, each after a delay of its own.
  void cut(const std::string& why);
  /// The line is up again, or silent from now on.
  void line_changed();
  /// What is under way from that end is lost.
  void lose_power(int end);

  const std::string& name(int end) const { return names_[end]; }

 private:
  friend class stream;
  struct flying {
    duration due;
    item what;
    bool reset = false;
  };
  struct direction {
    std::deque<flying> under_way;
    std::deque<item> arrived;
    duration last_due{0};
    bool writer_waits = false;
  };
  struct end_state {
    listener tell;
    bool open = true; ///< its node still holds it
    bool broken = false;
    bool forgotten = false; ///< by a node that lost its power
    std::string why;
  };

  void send(int from, item what, bool reset);
  void probe();
  void deliver(int from);
  void break_end(int end, const std::string& why);
  void tell(int end, news what);
  void recover();
  bool blocked() const;

  network& net_;
  std::string names_[2];
  direction to_[2]; ///< by receiving end
  end_state ends_[2];
  bool silence_kills_;
  bool stalled_ = false;
  duration stalled_since_{0};
  std::uint64_t change_ = 0; ///< of the line, counted
};

/// A node's end of a connection. Copies mean the same end.
class stream {
 public:
  using news = connection::news;
  using item = connection::item;

  stream() = default;
  stream(std::shared_ptr<connection> of, int end) : of_(std::move(of)), end_(end) {}
  explicit operator bool() const { return of_ != nullptr; }

  const std::string& self() const { return of_->name(end_); }
  const std::string& peer() const { return of_->name(1 - end_); }
  /// Told through world events, never from inside a call to this stream.
  void listen(connection::listener tell);
  bool can_write() const; ///< if not: `writable` follows
  void write(bytes data);
  void finish();             ///< FIN, after what was written
  const item* front() const; ///< the next item that has arrived, or null
  item take();
  bool broken() const { return of_->ends_[end_].broken; }
  const std::string& why() const { return of_->ends_[end_].why; }
  void reset();  ///< RST; this end hears nothing more
  void forget(); ///< this end hears nothing more; the peer is told nothing

 private:
  std::shared_ptr<connection> of_;
  int end_ = 0;
};

/// What the network needs of a node.
class host {
 public:
  virtual ~host() = default;
  virtual void accept(stream from) = 0;
};

class network {
 public:
  explicit network(world& in, delays usual = {}) : world_(in), usual_(usual) {}

  world& in() { return world_; }
  std::uint64_t next_id() { return ++last_; }
  duration delay() { return world_.between(usual_.least, usual_.most); }

  /// A node and its addresses (its own, and those by which others know it).
  void place(const std::string& node, const endpoint& where) { places_[where] = node; }
  void listen(const std::string& node, host* on);
  /// From now on its streams and its port are dead. `tell_peers`: the operating system still resets its
  /// connections; else only silence tells.
  void crash(const std::string& node, bool tell_peers);
  bool listening(const std::string& node) const { return hosts_.contains(node); }

  using dialled = std::function<void(outcome<stream>)>;
  /// `silence_kills`: a connection that the network keeps silent for `user_timeout` breaks (data sockets have
  /// TCP_USER_TIMEOUT; links have their heartbeat).
  void dial(const std::string& from, const endpoint& where, bool silence_kills, dialled then);
  /// The first of these that answers; each is given a moment before the next.
  void dial(const std::string& from, const endpoints& where, bool silence_kills, dialled then);

  void set_line(const std::string& a, const std::string& b, line_state state);
  void all_lines_up();
  line_state line(const std::string& a, const std::string& b) const;
  /// Breaks every connection between the two; both ends learn of it.
  void cut(const std::string& a, const std::string& b);

  /// Out of 1,000 pieces that an end of a circuit sends, so many arrive with a bit flipped. Links are TLS.
  unsigned flipping = 0;

  /// What the system resolver knows.
  std::map<std::string, std::vector<ip_address>> names;

 private:
  friend class connection;
  static std::pair<std::string, std::string> pair_of(const std::string& a, const std::string& b);
  std::vector<std::shared_ptr<connection>> connections_of(const std::string& node);
  std::vector<std::shared_ptr<connection>> between(const std::string& a, const std::string& b);
  void connect(const std::string& from, const std::string& to, bool silence_kills, const dialled& then);

  world& world_;
  delays usual_;
  std::map<endpoint, std::string> places_;
  std::map<std::string, host*> hosts_;
  std::set<std::string> powerless_; ///< crashed without telling: dials to it time out
  std::map<std::pair<std::string, std::string>, line_state> lines_;
  std::map<std::string, std::map<std::uint64_t, std::weak_ptr<connection>>> connections_; ///< by either end
  std::uint64_t last_ = 0;
};

} // namespace hublink::sim
