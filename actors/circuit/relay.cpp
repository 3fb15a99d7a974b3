#include "actors/circuit/relay.hpp"
#include "actors/circuit/active_opens.hpp"
#include "actors/link/return_book.hpp"

namespace hublink {

namespace {

/// Nothing that time or another moment would change.
bool is_dead_end(errc code) {
  return code == errc::hop_down || code == errc::line_down || code == errc::no_route || code == errc::loop;
}

/// It can't be had, but may come back.
bool is_away(errc code) {
  return code == errc::hop_down || code == errc::line_down || code == errc::no_route ||
         code == errc::timed_out || code == errc::not_registered;
}

} // namespace

circuit_actor::behavior_type relay_state::start(environment_ptr env, hop_services services) {
  env_ = std::move(env);
  origin_.emplace(self_, env_, std::move(services));
  circuit_handlers handlers;
  handlers.conclude = [this](const ended& what) { conclude(what); };
  handlers.lost = [this](const hop_lost& lost) {
    if (lost.side == side::near || origin_->stands_on(lost)) stop(lost.why);
  };
  return origin_->behavior(
      std::move(handlers),
      [this](const arrived_open& arrived) {
        auto reply = self_->make_response_promise<opened>();
        reply_ = answer_promise<opened>{reply};
        begin(arrived);
        return reply;
      },
      [this](const abandon& what) { stop(what.why); });
}

void relay_state::begin(const arrived_open& arrived) {
  times_hops_ = traits_of(arrived.request.kind).times_hops;
  began_ = self_->clock().now();
  asker_ = arrived.from;
  auto done = [this, request = arrived.request](const outcome<origin::ready>& far) {
    if (far) return carry(*far);
    if (is_dead_end(far.error().code)) {
      auto now = self_->clock().now();
      env_->opens->note_dead_end(request, now, began_ + std::chrono::milliseconds{request.budget_ms});
    }
    note_wait(request, far.error());
    reply_.fail(far.error());
    self_->quit();
  };
  origin_->make(arrived.request, arrived.plan, done, arrived.untold);
}

// Its sender waits for that one; who asked is told when the hop, or what it refused, is there again.
void relay_state::note_wait(const open& request, const failure& why) {
  if (request.kind != circuit_kind::transfer || !is_away(why.code) || origin_->hop().empty()) return;
  using enum return_book::obstacle;
  env_->returns->add(origin_->hop(), {.name = asker_, .transfer = request.transfer},
                     why.hop == env_->self->node ? hop : beyond);
}

// The far side is whole, so the near side may come: the plane joins the two as soon as the asker shows the
// token.
void relay_state::carry(const origin::ready& far) {
  auto answer = far.answer;
  env_->plane.goes_over(far.circuit, side::near, asker_);
  answer.data_token = env_->plane.expect(far.circuit, side::near);
  if (times_hops_) {
    auto took = std::chrono::duration_cast<std::chrono::microseconds>(self_->clock().now() - began_);
    answer.path.insert(answer.path.begin(), {env_->self->node, std::uint32_t(took.count())});
  }
  reply_.deliver(std::move(answer));
}

void relay_state::conclude(const ended& what) {
  if (!what.result) origin_->abandon(what.result.error());
  self_->quit();
}

// Before the far side is there nothing is carried yet: refuse. After it, the plane's `ended` closes the
// story.
void relay_state::stop(const failure& why) {
  origin_->abandon(why);
  if (origin_->stands()) return origin_->close(why);
  reply_.fail(why);
  self_->quit();
}

} // namespace hublink
