#pragma once
/// What this node's actors have asked of one neighbour: some of it waits for a connection, the rest for its
/// answer over one. Every question is answered once, at its deadline at the latest.
#include "actors/base/answer_promise.hpp"
#include "actors/link/peer_connections.hpp"
#include "actors/ports/environment.hpp"
#include "protocol/link/pending_requests.hpp"

#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace hublink {

class asked_opens {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  struct question {
    answer_promise<opened> reply;
    open request;
    time_point deadline;
  };

  void begin(environment_ptr env, std::string peer, role peer_role);

  void wait(question asked) { waiting_.push_back(std::move(asked)); }
  void transmit(const peer_connection& over, question asked);
  /// What waits goes over that connection; null: it fails so.
  void serve_waiting(const peer_connection* over, const failure& if_down);
  /// Nobody wants it any more. False: the peer has heard of it.
  bool drop_waiting(const open_key& key);
  /// To one that expired it comes too late, and finds nothing.
  void take(const answer& got);
  /// Of what was asked over that connection.
  void fail_over(link_id connection, const failure& why);
  /// Those whose deadline is over fail.
  void expire(time_point now, const std::function<void(link_id over, const open_key&)>& with_each);

  bool await_answer_over(const peer_connection& connection) const;
  bool has_waiting() const { return !waiting_.empty(); }
  bool empty() const { return waiting_.empty() && requests_.size() == 0; }

 private:
  struct pending {
    answer_promise<opened> reply;
    open_key key;
    link_id connection = 0;
  };

  environment_ptr env_;
  std::string peer_;
  role peer_role_ = role::server;
  std::deque<question> waiting_;
  pending_requests<pending> requests_;
};

} // namespace hublink
