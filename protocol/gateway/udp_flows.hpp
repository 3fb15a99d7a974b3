#pragma once
/// The datagram flows of one side of a gateway: who waits for replies until when; scenario 4.4. Pure: time is
/// given. Not thread-safe.
#include "protocol/gateway/reply_source.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hublink {

struct flow_rules {
  std::chrono::seconds reply_timeout{5}; ///< after each datagram of the application; 0: no reply is awaited
  bool replies_extend = false;           ///< a reply sets the deadline anew, too
  reply_source replies_from = reply_source::destination;
};

struct flow_counters {
  std::uint64_t opened = 0, evicted = 0, expired = 0;
  std::uint64_t sent = 0, replies = 0;
  std::uint64_t wrong_source = 0; ///< datagrams from who is no `reply_source`: dropped
  std::uint64_t late = 0;         ///< replies that nobody waits for any more: dropped
};

/// `Key` is ordered. `Data` is the owner's (a socket, an address) and ends with its flow.
template <class Key, class Data>
class udp_flows {
 public:
  using clock = std::chrono::steady_clock;

  /// A flow that awaits no reply is forgotten after so long without a datagram.
  static constexpr std::chrono::seconds idle_limit{60};

  struct flow {
    Key key;
    Data data;
    flow_rules rules;
    clock::time_point deadline{}; ///< of replies
    clock::time_point end{};      ///< of the flow
    std::string holder;
    typename std::list<typename std::list<flow>::iterator>::iterator
        among_holders{}; ///< place in `by_holder_`
  };
  /// `evicted`: it made room in a full table; else its time is over.
  using end_handler = std::function<void(flow& ended, bool evicted)>;
  using holder_of_key = std::function<std::string(const Key& key)>;

  /// Of who has most flows (`holder_of`) the least recently used one makes room. Without it: of all.
  udp_flows(std::size_t cap, end_handler on_end, holder_of_key holder_of = {})
      : cap_(cap), on_end_(std::move(on_end)), holder_of_(std::move(holder_of)) {}

  flow* find(const Key& key) {
    auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : &*found->second;
  }

  /// A new flow, of which a datagram is about to go. The key must be new. May end another flow.
  flow& open(Key key, Data data, const flow_rules& rules, clock::time_point now) {
    if (by_key_.size() >= cap_) evict();
    auto holder = holder_of_ ? holder_of_(key) : std::string{};
    used_.push_front(
        {.key = std::move(key), .data = std::move(data), .rules = rules, .holder = std::move(holder)});
    auto place = used_.begin();
    by_key_.emplace(place->key, place);
    recount(place->holder, [&](auto& list) {
      list.push_front(place);
      place->among_holders = list.begin();
    });
    ++counters_.opened;
    extend(*place, now);
    ends_.push({place->end, place->key});
    return *place;
  }

  /// A datagram of the application goes.
  void sent(flow& which, clock::time_point now) {
    ++counters_.sent;
    touch(which);
    extend(which, now);
  }

  /// May this reply go to the application? Else it is counted as dropped. `right_source`: by `replies_from`.
  bool replied(flow& which, bool right_source, clock::time_point now) {
    if (!right_source) return ++counters_.wrong_source, false;
    if (now >= which.deadline) return ++counters_.late, false;
    ++counters_.replies;
    touch(which);
    if (which.rules.replies_extend) extend(which, now);
    return true;
  }
  /// A reply for a flow that is gone.
  void came_late() { ++counters_.late; }

  /// Without a call of the end handler.
  void close(const Key& key) {
    auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    leave_holder(*found->second);
    used_.erase(found->second);
    by_key_.erase(found);
  }

  /// Ends the flows whose time is over.
  void expire(clock::time_point now) {
    while (auto next = next_end()) {
      if (*next > now) return;
      auto found = by_key_.find(ends_.top().key);
      ends_.pop();
      ++counters_.expired;
      end(found, false);
    }
  }
  /// When to call `expire` next.
  std::optional<clock::time_point> next_end() {
    while (!ends_.empty()) {
      auto first = ends_.top();
      auto found = by_key_.find(first.key);
      if (found != by_key_.end() && found->second->end <= first.at) return first.at;
      ends_.pop(); // it was extended, or is gone
      if (found != by_key_.end()) ends_.push({found->second->end, first.key});
    }
    return {};
  }

  std::size_t size() const { return by_key_.size(); }
  const flow_counters& counters() const { return counters_; }
  template <class Call>
  void for_each(Call call) {
    for (auto& each : used_) call(each);
  }

 private:
  using flow_list = std::list<flow>;
  struct planned_end {
    clock::time_point at;
    Key key;
    bool operator<(const planned_end& other) const { return at > other.at; } // the earliest on top
  };

  void extend(flow& which, clock::time_point now) {
    which.deadline = now + which.rules.reply_timeout;
    which.end = which.rules.reply_timeout.count() > 0 ? which.deadline : now + idle_limit;
  }
  void touch(flow& which) {
    used_.splice(used_.begin(), used_, by_key_.at(which.key));
    auto& list = by_holder_.at(which.holder);
    list.splice(list.begin(), list, which.among_holders);
  }
  void evict() {
    if (used_.empty()) return;
    ++counters_.evicted;
    const auto& [most, holder] = *counts_.rbegin();
    const auto& last = most > 1 ? *by_holder_.at(holder).back() : used_.back();
    end(by_key_.find(last.key), true);
  }
  template <class Change>
  void recount(const std::string& holder, Change change) {
    auto& list = by_holder_[holder];
    counts_.erase({list.size(), holder});
    change(list);
    if (list.empty())
      by_holder_.erase(holder);
    else
      counts_.emplace(list.size(), holder);
  }
  void leave_holder(flow& which) {
    recount(std::string{which.holder}, [&](auto& list) { list.erase(which.among_holders); });
  }
  void end(typename std::map<Key, typename flow_list::iterator>::iterator found, bool evicted) {
    leave_holder(*found->second);
    flow_list last;
    last.splice(last.begin(), used_, found->second);
    by_key_.erase(found);
    on_end_(last.front(), evicted);
  }

  std::size_t cap_;
  end_handler on_end_;
  holder_of_key holder_of_;
  flow_list used_; ///< the most recently used first
  std::map<std::string, std::list<typename flow_list::iterator>>
      by_holder_;                                        ///< in the same order; none is empty
  std::set<std::pair<std::size_t, std::string>> counts_; ///< how many each of these has
  std::map<Key, typename flow_list::iterator> by_key_;
  std::priority_queue<planned_end>
      ends_; ///< one entry of each flow, perhaps an earlier end than its real one
  flow_counters counters_;
};

} // namespace hublink
