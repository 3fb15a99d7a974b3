#pragma once
/// Which transfer serves a receiver's request: the one that serves it already, one that is under way, one
/// that can go on, or a new one.
#include "actors/base/answer_promise.hpp"
#include "actors/ports/environment.hpp"
#include "actors/transfer/transfer_interface.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hublink {

/// What a dispatcher does for its requests.
class send_queueing {
 public:
  using answer = std::shared_ptr<answer_promise<transfer_record>>;

  virtual ~send_queueing() = default;
  /// Queued or running; null: it is neither.
  virtual const transfer_record* find_active(const transfer_id& transfer) const = 0;
  /// Calls `then` with a new transfer of that file, not journalled yet, once its disk has been asked.
  virtual void prepare(const std::string& file, std::function<void(outcome<transfer_record>)> then) = 0;
  /// One that is journalled.
  virtual void enqueue(transfer_record record) = 0;
  /// Journals it as it is, then the same.
  virtual void take_up(const transfer_record& record, answer to) = 0;
  /// What is active need not wait for its next attempt.
  virtual void hasten(const transfer_id& transfer) = 0;
};

class requested_sends {
 public:
  requested_sends(dispatcher_actor::pointer self, environment_ptr env, transfer_journal_actor journal,
                  send_queueing& queueing);

  /// A request that is repeated, because its answer was lost or somebody waits, is answered by the transfer
  /// that serves it already. Fails with `never_sent`, and as a send.
  caf::result<transfer_record> serve(const send_request& request);

 private:
  using answer = send_queueing::answer;

  answer promise();
  void collect_results(const transfer_key& wanted, answer to);
  void serve_new(const send_request& request, transfer_id resend_of, answer to);
  void serve_again(const send_request& request, const std::vector<transfer_record>& sent, answer to);

  dispatcher_actor::pointer self_;
  environment_ptr env_;
  transfer_journal_actor journal_;
  send_queueing& queueing_;
};

} // namespace hublink
