#include "actors/broadcast/recaller.hpp"
#include "actors/ports/ids.hpp"
#include "protocol/request/request_ends.hpp"

namespace hublink {

recaller_actor::behavior_type recaller_state::start(environment_ptr env, hop_services services) {
  env_ = std::move(env);
  origin_.emplace(self_, env_, std::move(services));
  circuit_handlers handlers;
  handlers.conclude = [this](const ended& what) { conclude(what.result); };
  handlers.consult = [this](const consulted& asked) { take_answer(asked); };
  handlers.closed_names_hop = true;
  return origin_->behavior(std::move(handlers), [this](recall_atom, const open& request) {
    request_ = request;
    request_.open_id = make_open_id(*env_);
    request_.budget_ms = std::uint32_t(env_->open_budget.count());
    auto reply = self_->make_response_promise<transfer_record>();
    reply_ = answer_promise<transfer_record>{reply};
    origin_->make(request_, [this](const outcome<origin::ready>& far) {
      if (far) return run(*far);
      conclude(far.error());
    });
    return reply;
  });
}

void recaller_state::run(const origin::ready& far) {
  env_->plane.run(far.circuit,
                  make_asking_end({request_.transfer, *request_.file, *request_.source, false,
                                   request_.open_id, env_->id.now(), env_->ca, env_->wall_clock, true}),
                  nullptr);
}

void recaller_state::take_answer(const consulted& asked) {
  auto* received = std::get_if<question::answer>(&asked.question);
  if (!received) return refuse_question(*env_, asked);
  auto answer = decode_request_answer(received->body);
  auto state = answer ? transfer_state_from_string(answer->state) : std::nullopt;
  if (state && answer->transfer == request_.transfer) {
    there_.emplace();
    there_->transfer = answer->transfer;
    there_->state = *state;
  }
  env_->plane.resume(asked.circuit, decision::go_on{});
}

void recaller_state::conclude(const outcome<>& result) {
  if (there_)
    reply_.deliver(std::move(*there_));
  else
    reply_.fail(result ? failure{errc::bad_message, *request_.source, "an answer that can't be read"}
                       : result.error());
  self_->quit();
}

} // namespace hublink
