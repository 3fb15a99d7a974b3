#include "actors/transfer/requested_sends.hpp"
#include "actors/ports/note_lost.hpp"
#include "actors/transfer/retry.hpp"

#include <algorithm>

namespace hublink {

requested_sends::requested_sends(dispatcher_actor::pointer self, environment_ptr env,
                                 transfer_journal_actor journal, send_queueing& queueing)
    : self_(self), env_(std::move(env)), journal_(std::move(journal)), queueing_(queueing) {}

requested_sends::answer requested_sends::promise() {
  return std::make_shared<answer_promise<transfer_record>>(self_->make_response_promise<transfer_record>());
}

caf::result<transfer_record> requested_sends::serve(const send_request& request) {
  auto to = promise();
  if (request.results) {
    collect_results({request.request, env_->self->node, request.file}, to);
    return to->promise();
  }
  transfer_query earlier;
  earlier.request = request.request;
  earlier.requester = request.requester;
  earlier.file = request.file;
  self_->request(journal_, caf::infinite, earlier)
      .then(
          [this, request, to](const std::vector<transfer_record>& found) {
            if (!found.empty()) return to->deliver(found.front());
            if (!request.resend) return serve_new(request, {}, to);
            transfer_query sent;
            sent.file = request.file;
            self_->request(journal_, caf::infinite, sent)
                .then([this, request,
                       to](const std::vector<transfer_record>& all) { serve_again(request, all, to); },
                      failing(to, env_->self->node));
          },
          failing(to, env_->self->node));
  return to->promise();
}

// A broadcast point has what this node waits for: the next attempt, which brings it, need not wait.
void requested_sends::collect_results(const transfer_key& wanted, answer to) {
  if (auto* active = queueing_.find_active(wanted.transfer); active && key_of(*active) == wanted) {
    queueing_.hasten(wanted.transfer);
    return to->deliver(*active);
  }
  transfer_query query;
  query.transfer = wanted.transfer;
  query.file = wanted.file;
  self_->request(journal_, caf::infinite, query)
      .then(
          [this, to](const std::vector<transfer_record>& found) {
            for (const auto& record : found) {
              if (record.side != transfer_side::sender) continue;
              if (record.state == transfer_state::unconfirmed || record.state == transfer_state::spooled)
                self_->request(dispatcher_actor{self_}, caf::infinite, retry_atom_v, record.transfer)
                    .then([](const transfer_record&) {},
                          note_lost(env_, "it is not tried again for results at the broadcast point",
                                    record.transfer));
              return to->deliver(record);
            }
            to->fail({errc::never_sent, env_->self->node, "this transfer is not known here"});
          },
          failing(to, env_->self->node));
}

void requested_sends::serve_new(const send_request& request, transfer_id resend_of, answer to) {
  queueing_.prepare(request.file,
                    [this, request, resend_of = std::move(resend_of), to](outcome<transfer_record> record) {
                      if (!record) return to->fail(record.error());
                      record->to = {{request.requester, transfer_state::queued}};
                      record->requested_by = request.requester;
                      record->resend_of = resend_of;
                      record->request = request.request;
                      self_->request(journal_, caf::infinite, enqueue_atom_v, *record)
                          .then(
                              [this, to, mine = record->transfer](const transfer_record& kept) {
                                if (kept.transfer == mine) queueing_.enqueue(kept);
                                to->deliver(kept);
                              },
                              failing(to, env_->self->node));
                    });
}

// What is under way goes on by itself; what broke off is taken up where its receiver is; what is over, or was
// not for the requester alone, is sent once more.
void requested_sends::serve_again(const send_request& request, const std::vector<transfer_record>& sent,
                                  answer to) {
  auto last = std::find_if(sent.begin(), sent.end(), [&](const auto& record) {
    return record.side == transfer_side::sender && record.to.count(request.requester);
  });
  if (last == sent.end())
    return to->fail({errc::never_sent, env_->self->node,
                     "nothing to resend: the file was never sent to " + request.requester +
                         "; ask for it without --resend"});
  if (auto* active = queueing_.find_active(last->transfer)) {
    auto under_way = *active;
    return self_->request(journal_, caf::infinite, request_atom_v, request, under_way.transfer)
        .then([to, under_way] { to->deliver(under_way); }, failing(to, env_->self->node));
  }
  bool can_go_on = last->state == transfer_state::failed || last->state == transfer_state::unconfirmed;
  if (!can_go_on || last->to.size() > 1) return serve_new(request, last->transfer, to);
  auto record = reopened({*last}, env_->self->node);
  if (!record) return to->fail(record.error());
  record->request = request.request;
  queueing_.take_up(*record, to);
}

} // namespace hublink
