#pragma once
/// Applications that gateways carry: each connection sends known bytes both ways, and each byte that comes is
/// checked.
#include "protocol/gateway/mux.hpp"
#include "simulation/network/world.hpp"

#include <memory>

namespace hublink::sim {

class sim_gateway_link;

enum class app_state : std::uint8_t {
  none,    ///< called side: no byte of it came there yet
  waiting, ///< for its link, or for the other side's answer
  open,
  done, ///< both directions ended in order
  refused,
  reset,
};
std::string_view to_string(app_state state);

/// One connection, with what each end knows of it.
struct app_connection {
  struct end {
    app_state state = app_state::none;
    duration since{0};      ///< that state
    std::uint64_t came = 0; ///< bytes
  };
  std::string gateway, calling, called;
  std::uint64_t forth = 0, back = 0; ///< bytes
  duration asked{0};
  std::string reason; ///< refused: why
  end at_calling, at_called;

  bool over() const;
};

/// Survives crashes, as the people at the applications do.
class application_book {
 public:
  explicit application_book(world& in) : in_(in) {}

  std::uint64_t begin(app_connection connection);
  app_connection* find(std::uint64_t number);
  const std::map<std::uint64_t, app_connection>& all() const { return all_; }
  const app_connection& at(std::uint64_t number) const { return all_.at(number); }
  /// How many are not over, at either end.
  std::size_t under_way() const { return under_way_; }
  void enter(std::uint64_t number, bool calling, app_state state);

  void complain(std::string what) { wrong_.push_back(std::move(what)); }
  const std::vector<std::string>& wrong() const { return wrong_; } ///< found while it ran
  world& in() { return in_; }

 private:
  world& in_;
  std::map<std::uint64_t, app_connection> all_;
  std::size_t under_way_ = 0;
  std::vector<std::string> wrong_;
};

/// One end of a connection, at its gateway. The first eight bytes towards the destination are its number.
class application : public std::enable_shared_from_this<application> {
 public:
  static constexpr std::size_t head_size = 8;

  application(application_book& book, std::uint64_t number);       ///< calling
  application(application_book& book, std::string at_called_node); ///< called

  // -- by its gateway
  void begin(const std::shared_ptr<sim_gateway_link>& link, mux_id id);
  void answered(const mux_refusal* why);
  mux_pulled pull(std::span<std::byte> room);
  void deliver(byte_view data);
  void peer_ended();
  void link_lost();
  bool over() const { return over_; }
  std::uint64_t number() const { return number_; }

 private:
  bool known() const { return number_ != 0; }
  std::uint64_t to_send() const;
  std::uint64_t to_come() const;
  void take_head(byte_view& data);
  void check(byte_view data);
  void read_on(std::size_t count);
  void settle();
  void end(app_state how);

  application_book& book_;
  std::uint64_t number_ = 0;
  bool calling_;
  std::string at_; ///< called: the node, until its number is known
  std::weak_ptr<sim_gateway_link> link_;
  mux_id id_ = 0;
  bytes head_;
  std::uint64_t sent_ = 0, came_ = 0;
  bool sent_all_ = false, in_ended_ = false, over_ = false;
};

} // namespace hublink::sim
