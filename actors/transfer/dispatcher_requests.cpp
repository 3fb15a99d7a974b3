/// The dispatcher's part in request connections: which transfer serves a receiver's request.
#include "actors/ports/note_lost.hpp"
#include "actors/transfer/dispatcher.hpp"

#include <algorithm>

namespace hublink {

// A request that is repeated, because its answer was lost or somebody waits, is answered by the transfer that
// serves it already.
caf::result<transfer_record> dispatcher_state::serve(const send_request& asked) {
  if (asked.words) return collect_words(asked.request);
  auto answer = std::make_shared<answer_to<transfer_record>>(self_->make_response_promise<transfer_record>());
  transfer_query earlier;
  earlier.request = asked.request;
  self_->request(journal_, caf::infinite, earlier)
      .then(
          [this, asked, answer](const std::vector<transfer_record>& found) {
            if (!found.empty()) return answer->deliver(found.front());
            if (!asked.resend) return serve_new(asked, {}, answer);
            transfer_query sent;
            sent.file = asked.file;
            self_->request(journal_, caf::infinite, sent)
                .then([this, asked,
                       answer](const std::vector<transfer_record>& all) { serve_again(asked, all, answer); },
                      failing(answer));
          },
          failing(answer));
  return answer->promise();
}

// A broadcast point has what this node waits for: the next attempt, which brings it, need not wait.
caf::result<transfer_record> dispatcher_state::collect_words(const transfer_id& transfer) {
  if (auto active = active_.find(transfer); active != active_.end()) {
    if (!running_.count(transfer)) self_->send(self_, resume_atom_v, transfer);
    return active->second.record;
  }
  auto answer = std::make_shared<answer_to<transfer_record>>(self_->make_response_promise<transfer_record>());
  transfer_query query;
  query.transfer = transfer;
  self_->request(journal_, caf::infinite, query)
      .then(
          [this, answer](const std::vector<transfer_record>& found) {
            for (const auto& one : found) {
              if (one.side != transfer_side::sender) continue;
              if (one.state == transfer_state::unconfirmed || one.state == transfer_state::spooled)
                self_->request(dispatcher_actor{self_}, caf::infinite, retry_atom_v, one.transfer)
                    .then([](const transfer_record&) {},
                          note_lost(env_, "it is not tried again for results at the broadcast point",
                                    one.transfer));
              return answer->deliver(one);
            }
            answer->fail({errc::never_sent, env_->self->node, "this transfer is not known here"});
          },
          [this, answer](const caf::error& no) { answer->fail(to_failure(no, env_->self->node)); });
  return answer->promise();
}

void dispatcher_state::serve_new(const send_request& asked, transfer_id resend_of, reply_of_record answer) {
  auto record = prepare(asked.file);
  if (!record) return answer->fail(record.error());
  record->to = {{asked.requester, transfer_state::queued}};
  record->requested_by = asked.requester;
  record->resend_of = std::move(resend_of);
  record->request = asked.request;
  self_->request(journal_, caf::infinite, enqueue_atom_v, *record)
      .then(
          [this, answer, mine = record->transfer](const transfer_record& kept) {
            if (kept.transfer == mine) enqueue(kept);
            answer->deliver(kept);
          },
          failing(answer));
}

// What is under way goes on by itself; what broke off is taken up where its receiver is; what is over, or was
// not for the requester alone, is sent once more.
void dispatcher_state::serve_again(const send_request& asked, const std::vector<transfer_record>& sent,
                                   reply_of_record answer) {
  auto last = std::find_if(sent.begin(), sent.end(), [&](const auto& one) {
    return one.side == transfer_side::sender && one.to.count(asked.requester);
  });
  if (last == sent.end())
    return answer->fail({errc::never_sent, env_->self->node,
                         "nothing to resend: the file was never sent to " + asked.requester +
                             "; ask for it without --resend"});
  if (auto active = active_.find(last->transfer); active != active_.end()) {
    auto under_way = active->second.record;
    return self_->request(journal_, caf::infinite, request_atom_v, asked.request, under_way.transfer)
        .then([answer, under_way] { answer->deliver(under_way); }, failing(answer));
  }
  bool can_go_on = last->state == transfer_state::failed || last->state == transfer_state::unconfirmed;
  if (!can_go_on || last->to.size() > 1) return serve_new(asked, last->transfer, answer);
  auto record = reopen({*last});
  if (!record) return answer->fail(record.error());
  record->request = asked.request;
  take_up(*record, answer);
}

} // namespace hublink
