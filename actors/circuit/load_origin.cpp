#include "actors/circuit/load_origin.hpp"
#include "actors/ports/ids.hpp"
#include "protocol/circuit/load_ends.hpp"

namespace hublink {

load_actor::behavior_type load_origin_state::start(environment_ptr env, hop_services services, bool goes_on) {
  env_ = std::move(env);
  self_->monitor(services.finder);
  self_->set_down_handler([this, node = services.finder.address()](const caf::down_msg& down) {
    if (down.source == node) return self_->quit(); // nobody tells the circuit's end any more
    leave({errc::cancelled, env_->self->node, "nobody waits for its result any more"});
  });
  origin_.emplace(self_, env_, std::move(services));
  circuit_handlers handlers;
  handlers.closed_names_hop = goes_on;
  handlers.conclude = [this](const ended& what) { conclude(what); };
  handlers.consult = [this](const consulted& asked) {
    if (const auto* found = std::get_if<question::lines>(&asked.question))
      report_.rates = found->rates;
    else
      refuse_question(*env_, asked);
  };
  return origin_->behavior(
      std::move(handlers),
      [this](const load_order& order) {
        if (auto asker = self_->current_sender()) self_->monitor(caf::actor_cast<caf::actor>(asker));
        auto reply = self_->make_response_promise<load_report>(); // it takes the sender away
        reply_ = answer_promise<load_report>{reply};
        self_->delayed_send(self_, load_slot::longest_way, caf::tick_atom_v);
        load(order);
        return reply;
      },
      [this](caf::tick_atom) {
        leave({errc::timed_out, env_->self->node, load_slot::too_long});
      });
}

void load_origin_state::load(const load_order& order) {
  report_.host = order.host;
  time_ = order.time;
  auto done = [this](const outcome<origin::ready>& far) { carry(far); };
  if (const auto& arrived = order.goes_on) {
    auto request = arrived->request;
    request.budget_ms = std::uint32_t(env_->open_budget.count()); // what it came with is over by now
    return origin_->make(request, arrived->plan, done);
  }
  auto slot = env_->loads->take(env_->self->node, false, self_->clock().now());
  if (!slot) return fail(slot.error());
  slot_ = *slot;
  auto request = make_open(*env_, circuit_kind::rate, make_transfer_id(*env_));
  request.destination = {order.host};
  origin_->make(request, done);
}

void load_origin_state::carry(const outcome<origin::ready>& far) {
  if (!far) return fail(far.error());
  env_->plane.run(far->circuit, make_loading_end({env_->self->node, time_}), nullptr);
}

void load_origin_state::conclude(const ended& what) {
  if (what.result) {
    slot_.reset(); // who hears of the result may ask for the next one
    reply_.deliver(std::move(report_));
    return self_->quit();
  }
  auto why = what.result.error();
  if (why.hop.empty()) why.hop = origin_->hop();
  origin_->abandon(why);
  fail(std::move(why));
}

void load_origin_state::fail(failure why) {
  reply_.fail(std::move(why));
  self_->quit();
}

void load_origin_state::leave(const failure& why) {
  origin_->abandon(why);
  if (origin_->stands()) return origin_->close(why);
  fail(why);
}

} // namespace hublink
