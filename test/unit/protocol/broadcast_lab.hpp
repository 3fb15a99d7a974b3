#pragma once
/// A broadcast in memory: a sender HOST1, broadcast points, receivers; every circuit goes through a hub that
/// may do as it likes. A seed decides who does what next and how the bytes are cut.
#include "end_driver.hpp"
#include "test_ca.hpp"

#include "protocol/broadcast/broadcast_ends.hpp"

namespace hublink::test {

/// One end of a circuit and all that it works with.
struct lab_end {
  std::unique_ptr<circuit_end> end;
  memory_source source;
  memory_target target;
  std::shared_ptr<bytes> spool_file;     ///< instead of both, at a broadcast point
  std::shared_ptr<spooling_place> place; ///< there, towards the sender; filled from `point`
  struct lab_point* point = nullptr;
  owner_answers owner;
  std::vector<receiver_result> results;                ///< noted, at the sender
  std::optional<failure> broken_create, broken_taking; ///< of a point's file

  std::optional<outcome<>> result;
  std::optional<end_step> open;
  bytes leaving;
  std::deque<std::byte> coming;
  std::size_t passed = 0;
  bool ending = false, cut = false, woken = false;

  bool done() const { return result && *result; }
  errc code() const { return result && !*result ? result->error().code : errc::failed; }
  std::string text() const { return !result ? "never ended" : *result ? "done" : to_string(result->error()); }
};

struct lab_circuit {
  lab_end near, far; ///< `near` is the sender's side
  hub on_the_way;
  std::optional<std::size_t> cut_after; ///< records from near to far
  std::vector<passing_record> recorded;
  bool dead = false;
};

/// A broadcast point: what outlives its circuits.
struct lab_point {
  explicit lab_point(std::vector<std::string> names)
      : board(std::make_shared<receiver_board>(std::move(names))) {}

  std::shared_ptr<spool> held = std::make_shared<spool>();
  std::shared_ptr<receiver_board> board;
  std::shared_ptr<bytes> file = std::make_shared<bytes>();
};

class broadcast_lab {
 public:
  /// HOST1 sends `content` to these.
  explicit broadcast_lab(std::vector<std::string> receivers, std::size_t size = 100);

  /// Makes the ends of one attempt: the circuit from the sender to `point`.
  lab_circuit& connect_sender(lab_point& point);
  /// From a point to a receiver; begins once the point has the offer.
  lab_circuit& connect_receiver(lab_point& point, const std::string& name);
  lab_circuit& connect_point(lab_point& from, lab_point& to, std::vector<std::string> names);
  /// Until nothing more happens; then every circuit is cut that still waits.
  void run(unsigned seed = 1);

  const bytes& published(const std::string& name) const { return *targets.at(name).published; }
  bool is_published(const std::string& name) const { return targets.at(name).published.has_value(); }

  test_ca network;
  std::shared_ptr<const identity> host1, hub;
  std::shared_ptr<const hublink::trust> ca;
  std::map<std::string, std::shared_ptr<const identity>> receivers;
  broadcast_sending_config sending;
  memory_source source;
  std::map<std::string, memory_target> targets; ///< of the receivers, through all attempts
  std::map<std::string, checkpoint> safe;       ///< what they say is there
  checkpoint_interval interval{1, std::chrono::hours{1}}, spool_interval{32, std::chrono::hours{1}};
  std::chrono::milliseconds steady_time{}; ///< of the points
  std::deque<lab_circuit> circuits;
  std::function<void()> after_checkpoint; ///< of a spool's file

 private:
  struct later {
    lab_point* point;
    lab_circuit* circuit;
    std::vector<std::string> names;
  };
  bool act(lab_circuit& at, lab_end& who);
  bool deliver(lab_end& who);
  void report(lab_circuit& at, lab_end& who);
  void ask_owner(lab_end& who, const consult_owner& asked);
  void on_file(lab_end& who, const end_step& step);
  void pass_on(lab_circuit& at, lab_end& from);
  void begin_feeding();
  lab_circuit& add();
  void spool_into(lab_end& end, lab_point& point);
  static lab_end& peer(lab_circuit& at, lab_end& who) { return &who == &at.near ? at.far : at.near; }
  std::size_t pick(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
  }

  std::deque<later> waiting_; ///< for an offer
  std::mt19937 random_;
};

} // namespace hublink::test
