#include "actors/request/requester.hpp"
#include "actors/ports/ids.hpp"
#include "actors/transfer/receive_watch.hpp"
#include "actors/transfer/retry.hpp"
#include "protocol/request/request_ends.hpp"

namespace hublink {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t most_attempts = 3;         ///< of a question whose circuit broke
constexpr auto first_pause = 5s, last_pause = 60s; ///< between two questions of one that waits

} // namespace

requester_state::~requester_state() {
  if (!record_.transfer.empty() && order_.follow) env_->receives->remove(key_of(record_), self_->ctrl());
}

requester_actor::behavior_type requester_state::start(environment_ptr env, hop_services services) {
  env_ = std::move(env);
  origin_.emplace(self_, env_, std::move(services));
  pause_ = first_pause;
  self_->set_down_handler([this](const caf::down_msg&) { leave(); }); // nobody waits any more
  circuit_handlers handlers;
  handlers.conclude = [this](const ended& what) { conclude(what.result); };
  handlers.consult = [this](const consulted& asked) { take_answer(asked); };
  return origin_->behavior(
      std::move(handlers),
      [this](request_atom, const request_order& order,
             const watcher_actor& watcher) -> caf::result<transfer_record> {
        auto self = env_->self.now();
        auto found = self->receives.find(order.file);
        if (found == self->receives.end())
          return to_error({errc::unknown_file, env_->self->node,
                           env_->self->node + " has no receive definition for " + order.file +
                               "; define it under transfers"});
        auto begun = env_->work->begin(self->node);
        if (!begun) return to_error(begun.error());
        work_ = std::move(*begun); // until it has a circuit
        order_ = order;
        definition_ = found->second;
        watcher_ = caf::actor_cast<caf::weak_actor_ptr>(watcher);
        if (order.follow) self_->monitor(watcher);
        request_ = make_transfer_id(*env_);
        auto reply = self_->make_response_promise<transfer_record>();
        reply_ = answer_promise<transfer_record>{reply};
        ask();
        return reply;
      },
      [this](const transfer_record& here) { hear(here); },
      [this](resume_atom) {
        waiting_ = false;
        if (!asking_ && !leaving_) ask();
      });
}

void requester_state::ask() {
  asking_ = true;
  work_ = env_->work->go_on();
  ++attempt_;
  auto request = make_open(*env_, circuit_kind::request, request_);
  open_id_ = request.open_id;
  request.attempt = attempt_;
  request.file = order_.file;
  request.source = definition_.source;
  origin_->make(request, [this](const outcome<origin::ready>& far) {
    if (far) return run(*far);
    conclude(far.error());
  });
}

void requester_state::run(const origin::ready& far) {
  stood_ = true;
  env_->plane.run(far.circuit,
                  make_asking_end({request_, order_.file, definition_.source, order_.resend, open_id_,
                                   env_->id.now(), env_->ca, env_->wall_clock}),
                  nullptr);
}

void requester_state::take_answer(const consulted& asked) {
  auto* received = std::get_if<question::answer>(&asked.question);
  if (!received) return refuse_question(*env_, asked);
  auto answer = decode_request_answer(received->body);
  auto state = answer ? transfer_state_from_string(answer->state) : std::nullopt;
  if (!state) {
    failure why{errc::bad_message, definition_.source, "an answer that can't be read"};
    return env_->plane.close(asked.circuit, answer ? why : answer.error());
  }
  bool first = record_.transfer.empty();
  record_.transfer = answer->transfer;
  record_.side = transfer_side::receiver;
  record_.file = order_.file;
  record_.from = definition_.source;
  record_.to = {{env_->self->node, *state}};
  record_.state = *state;
  record_.bytes = answer->bytes;
  record_.size = answer->size;
  record_.reason = answer->reason;
  if (first) record_.started_ms = now_ms(*env_);
  if (is_final(*state)) record_.ended_ms = now_ms(*env_);
  if (first && order_.follow) env_->receives->add(key_of(record_), self_->ctrl());
  env_->plane.resume(asked.circuit, decision::go_on{});
}

void requester_state::conclude(const outcome<>& result) {
  asking_ = false;
  work_.reset(); // who waits for the file waits for the node's next start as well
  auto why = result ? failure{} : result.error();
  if (why.hop.empty()) why.hop = env_->self->node;
  if (!result) origin_->abandon(why);
  if (leaving_) return self_->quit();
  if (result) {
    reply_.deliver(record_);
    return order_.follow ? follow() : self_->quit();
  }
  if (!record_.transfer.empty()) return ask_later(pause_); // the source is away for a while
  bool may_be_mended = is_disturbance(why.code) || (stood_ && !is_for_good(why));
  if (may_be_mended && why.by != evidence::proof && attempt_ < most_attempts) return ask_later(200ms);
  reply_.fail(std::move(why));
  self_->quit();
}

void requester_state::ask_later(std::chrono::milliseconds pause) {
  if (std::exchange(waiting_, true)) return;
  self_->delayed_send(self_, pause, resume_atom_v);
}

// What the source says last counts; but a receiver that has published is done, whatever the source knows yet.
void requester_state::follow() {
  if (is_final(record_.state)) return tell_and_end(record_);
  if (auto watcher = watcher_.lock()) self_->send(caf::actor_cast<watcher_actor>(watcher), record_);
  ask_later(pause_);
  pause_ = std::min<std::chrono::milliseconds>(pause_ * 2, last_pause);
}

void requester_state::hear(const transfer_record& here) {
  if (leaving_) return;
  bool settles = here.state == transfer_state::done || here.state == transfer_state::cancelled;
  if (settles) return tell_and_end(here);
  if (is_final(here.state)) return ask_later(1s); // the source may try again
  if (auto watcher = watcher_.lock()) self_->send(caf::actor_cast<watcher_actor>(watcher), here);
}

void requester_state::tell_and_end(const transfer_record& last) {
  reply_.deliver(record_);
  if (auto watcher = watcher_.lock()) self_->send(caf::actor_cast<watcher_actor>(watcher), last);
  leave();
}

// A question that is on its way has an end of its own: its circuit must not outlive who made it.
void requester_state::leave() {
  leaving_ = true;
  if (!asking_) self_->quit();
}

} // namespace hublink
