#pragma once
/// Over which hop each receiver of a broadcast is asked for next, at its point. Pure: what time it is, and
/// who is silent, is told.
///
/// A receiver waits → is asked for, together with others, over one hop (a *course*) → waits again if nothing
/// came of it: for its next hop, or, when it has none left, for the next search → is gone when it has its
/// result or is given up. One whose next hop others use already joins them, if their course has not brought
/// much: it is made anew with all of them.
#include "actors/routing/hop_choice.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hublink {

class receiver_ways {
 public:
  using clock = std::chrono::steady_clock;
  struct terms {
    std::chrono::milliseconds budget{}; ///< for a circuit over whatever hop
    std::function<std::uint32_t()> new_round;
  };
  /// How the first search for a receiver begins.
  struct beginning {
    std::uint32_t round = 0;
    std::set<std::string> tried{}; ///< hops that it has asked already
    bool begun = false;            ///< it may have got something by an earlier circuit
  };
  /// A circuit to be made.
  struct course {
    std::uint64_t number = 0;
    hop_choice way;
    std::uint32_t round = 0;
    std::chrono::milliseconds budget{};
  };
  struct turn {
    std::vector<course> begin;
    std::vector<std::uint64_t> renew; ///< courses that somebody would join: to be ended, or kept
  };
  /// Nobody joins that one: it has brought too much.
  struct course_kept {
    std::uint64_t number = 0;
  };
  /// How a course ended.
  struct course_end {
    std::uint64_t number = 0;
    bool stood = false;
    bool renews = false;     ///< it was ended for those who join it
    std::uint64_t bytes = 0; ///< of content that went over it
    failure why;
  };
  using failures = std::map<std::string, failure>; ///< by receiver
  using silence = std::function<bool(const std::string& hop)>;

  void begin(terms of) { terms_ = std::move(of); }
  /// `hops`: best first.
  void add(const std::string& name, std::vector<hop_choice> hops, const beginning& how,
           clock::time_point now);
  /// Of those whose turn it is: who goes over the same hop goes together. A silent hop comes after others.
  turn take_due(clock::time_point now, const silence& is_silent);
  void keep(const course_kept& which);
  /// When there is a turn after that; nothing: not before something ends.
  std::optional<clock::time_point> next_turn(clock::time_point now) const;
  /// A point says that no way leads there from it. Returns why it is given up, if it is.
  std::optional<failure> pass_over(const std::string& name, failure why, clock::time_point now);
  /// Who of them is given up. Those who have their result by now are gone.
  failures end(const course_end& how, const std::function<bool(const std::string&)>& is_settled,
               clock::time_point now);

  bool empty() const { return receivers_.empty(); }
  void clear() {
    receivers_.clear();
    courses_.clear();
  }

 private:
  struct receiver {
    std::vector<hop_choice> hops;
    std::set<std::string> tried; ///< in this search
    std::uint32_t round = 0;     ///< of it
    clock::time_point due, deadline;
    bool begun = false;
    int in_a_row = 0;        ///< searches that brought nothing
    std::uint64_t bytes = 0; ///< that a course brought, at most
    std::uint64_t course = 0;
    std::string hop;                      ///< of that one
    std::optional<failure> best_failed{}; ///< in this search
  };

  enum class joining : std::uint8_t { open, asked, no };
  struct running_course {
    std::string hop;
    joining join = joining::open;
  };

  /// Is there one over that hop to wait for? Asks for it once.
  bool joins(const hop_choice& next, std::vector<std::uint64_t>& renew);
  const hop_choice& next_hop(const receiver& who, const silence& is_silent) const;
  bool has_another(const receiver& who, const std::string& hop) const;
  void set_out(course& made, clock::time_point now);
  std::optional<failure> wait(receiver& who, clock::time_point due);
  std::optional<failure> try_next(receiver& who, failure why, clock::time_point now);
  std::optional<failure> search_again(receiver& who, failure why, clock::time_point now);

  terms terms_;
  std::map<std::string, receiver> receivers_;
  std::map<std::uint64_t, running_course> courses_;
  std::uint64_t last_number_ = 0;
};

} // namespace hublink
