#include "actors/management/session.hpp"
#include "actors/ports/ids.hpp"

namespace hublink {

namespace {
/// A server makes who guesses wait for half a minute, and ends what is not logged in after one.
constexpr std::chrono::seconds longest_login{75};
} // namespace

session_state::~session_state() {
  if (reply_) reply_->deliver(to_error({errc::cancelled, env_->self->node, "the session was ended"}));
  if (!channel_) return;
  env_->plane.send(channel_->link(), drain{});
  env_->plane.hang_up(channel_->link());
}

session_actor::behavior_type session_state::start(environment_ptr env, hop_services services,
                                                  std::string target) {
  env_ = std::move(env);
  target_ = std::move(target);
  origin_.emplace(self_, env_, std::move(services));
  circuit_handlers handlers;
  handlers.conclude = [this](const ended& what) {
    if (over_) return self_->quit();
    lose(what.result ? failure{errc::cut, target_, "the session was closed there"} : what.result.error());
  };
  return origin_->behavior(
      std::move(handlers), [this](const link_up& up) { greet(up); },
      [this](const link_down& down) { lose(down.why); },
      [this](const link_received& got) { receive(got.message); }, [this](caf::tick_atom) { tick(); },
      [this](login_atom, const login_order& order) { return connect(order); },
      [this](const login_step& next) { step(next); },
      [this](command_atom, const std::string& line, std::uint64_t tag, const reply_sink& sink) {
        give(line, tag, sink);
      },
      [this](logout_atom) { log_out(); });
}

caf::result<void> session_state::connect(login_order order) {
  order_ = std::move(order);
  owner_ = caf::actor_cast<caf::weak_actor_ptr>(self_->current_sender());
  reply_ = self_->make_response_promise();
  auto request = make_open(*env_, circuit_kind::management, make_transfer_id(*env_));
  request.reads = order_.reads;
  if (!target_.empty()) request.destination = {target_};
  origin_->make(request, [this](const outcome<origin::ready>& far) {
    if (!far) return lose(far.error());
    env_->plane.upgrade(far->circuit, target_, weak_owner<link_owner>{self_});
  });
  return caf::delegated<void>{};
}

void session_state::greet(const link_up& up) {
  began_ = self_->clock().now();
  channel_.emplace(*env_, up.id, up.peer, began_);
  tick();
  if (!order_.make) return step({std::optional<std::string>{}});
  dialogue_ = std::exchange(order_.make, {})(); // it has the password
  dialogue_->begin(up, next_step());
}

login_dialogue::next session_state::next_step() {
  return [weak = caf::weak_actor_ptr{self_->ctrl()}](outcome<std::optional<std::string>> line) {
    if (auto alive = weak.lock())
      caf::anon_send(caf::actor_cast<session_actor>(alive), login_step{std::move(line)});
  };
}

void session_state::step(const login_step& next) {
  if (!reply_ || !channel_) return;
  if (!next.line) return lose(next.line.error());
  if (*next.line) {
    login_number_ = ++last_number_;
    return channel_->ask(login_number_, **next.line);
  }
  dialogue_.reset();
  in_ = true;
  std::exchange(reply_, {})->deliver(caf::unit);
}

void session_state::receive(const link_message& message) {
  if (!channel_) return;
  channel_->heard(self_->clock().now());
  if (auto* sign = std::get_if<beat>(&message)) return channel_->answer_beat(*sign);
  if (auto* part = std::get_if<report>(&message)) return take(*part);
  lose({errc::bad_message, target_, "a message that has no place in a session"});
}

void session_state::take(const report& part) {
  auto line = channel_->join(part.number, part.body, part.more);
  if (!line) return lose(line.error());
  if (!*line) return;
  if (part.number == end_of_session && part.why) return lose(*part.why);
  if (part.number == login_number_ && reply_) {
    login_number_ = 0;
    if (part.why) return lose(*part.why);
    return dialogue_->take(**line, next_step());
  }
  auto found = pending_.find(part.number);
  if (found == pending_.end()) return;
  reply(found->second, std::move(**line), part.last, part.why);
  if (part.last) pending_.erase(found);
}

void session_state::give(const std::string& line, std::uint64_t tag, const reply_sink& sink) {
  pending asker{tag, caf::actor_cast<caf::weak_actor_ptr>(sink)};
  if (!in_)
    return reply(asker, "", true,
                 failure{errc::cut, env_->self->node, "there is no session with " + target_});
  auto number = ++last_number_;
  pending_.emplace(number, std::move(asker));
  channel_->ask(number, line);
}

void session_state::reply(const pending& to, std::string line, bool last, std::optional<failure> why) {
  if (auto sink = to.sink.lock())
    self_->send(caf::actor_cast<reply_sink>(sink),
                command_reply{target_, to.tag, std::move(line), last, std::move(why)});
}

void session_state::tick() {
  if (over_ || !channel_) return;
  if (!channel_->is_alive(self_->clock().now()))
    return origin_->close({errc::hop_down, env_->self->node, target_ + " went silent"});
  if (!in_ && self_->clock().now() - began_ >= longest_login)
    return lose({errc::hop_down, target_, target_ + " does not answer the login"});
  self_->delayed_send(self_, std::max(env_->timing.beat_every / 5, std::chrono::milliseconds{50}),
                      caf::tick_atom_v);
}

void session_state::lose(failure why) {
  if (std::exchange(over_, true)) return;
  if (why.hop.empty()) why.hop = target_;
  end_circuit(why);
  end_pending(why);
  if (auto asker = std::exchange(reply_, {})) {
    asker->deliver(to_error(std::move(why)));
  } else if (auto owner = owner_.lock(); owner && !order_.user.empty()) {
    self_->send(caf::actor_cast<session_watcher>(owner), lost_atom_v, target_, std::move(why));
  }
}

void session_state::log_out() {
  failure why{errc::cancelled, env_->self->node, "logged out of " + target_};
  over_ = true;
  end_circuit(why);
  end_pending(why);
}

void session_state::end_pending(const failure& why) {
  for (const auto& [number, asker] : std::exchange(pending_, {})) reply(asker, "", true, why);
}

// The end of a circuit that stands is written down before this actor ends.
void session_state::end_circuit(const failure& why) {
  if (!origin_->stands()) {
    origin_->abandon(why);
    return self_->quit();
  }
  if (auto channel = std::exchange(channel_, {})) {
    env_->plane.send(channel->link(), drain{});
    env_->plane.hang_up(channel->link());
  } else {
    origin_->close(why);
  }
}

} // namespace hublink
