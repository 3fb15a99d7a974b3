#include "actors/management/session_end.hpp"
#include "actors/circuit/near_side.hpp"

namespace hublink {

namespace {

constexpr std::uint32_t most_running = 64;      ///< commands of one session at once
constexpr std::chrono::seconds login_limit{60}; ///< nobody holds a session without a user

} // namespace

session_end_state::~session_end_state() {
  if (channel_) env_->plane.hang_up(channel_->link());
}

session_end_actor::behavior_type session_end_state::start(environment_ptr env) {
  env_ = std::move(env);
  return {
      [this](const attached& got) {
        // A server is asked by a manager whose name only its certificate tells, a client by its home alone.
        env_->plane.upgrade(got.circuit, env_->self->home, weak_owner<link_owner>{self_});
      },
      [](const progressed&) {},
      [this](const consulted& asked) { refuse_question(*env_, asked); },
      [this](ended what) {
        if (logged_out_) what.result = {}; // the other end may have gone before this one hung up
        if (!reads_) env_->events.write(id_, closed_event(what, of_));
        session_.reset();
        channel_.reset();
        self_->quit();
      },
      [this](const hop_lost& lost) { stop(lost.why); },
      [this](const arrived_open& arrived) -> caf::result<opened> {
        if (!env_->commands)
          return to_error(
              {errc::not_authorised, env_->self->node, env_->self->node + " serves no management sessions"});
        id_ = arrived.request.transfer;
        of_ = mark_of(arrived.request);
        reads_ = arrived.request.reads;
        circuit_ = env_->plane.make_circuit(weak_owner<circuit_owner>{self_});
        opened yes;
        yes.data_token = admit_near_side(*env_, circuit_, arrived);
        return yes;
      },
      [this](const abandon& what) { stop(what.why); },
      [this](const link_up& up) { greet(up); },
      [](const link_down&) {}, // `ended` follows
      [this](const link_received& got) { receive(got.message); },
      [this](caf::tick_atom) { tick(); },
      [this](const command_reply& reply) {
        if (reply.last) --running_;
        if (channel_) channel_->tell(reply.tag, reply.line, reply.last, reply.why);
      },
      [this](lost_atom, const failure& why) { dismiss(why); },
  };
}

void session_end_state::greet(const link_up& up) {
  began_ = self_->clock().now();
  channel_.emplace(*env_, up.id, up.peer, began_);
  peer_ = up.peer;
  peer_role_ = up.peer_role;
  place_ = {env_->sessions, up.peer};
  auto dismissed = [weak = caf::weak_actor_ptr{self_->ctrl()}](failure why) {
    if (auto alive = weak.lock())
      caf::anon_send(caf::actor_cast<session_end_actor>(alive), lost_atom_v, std::move(why));
  };
  auto session = env_->commands->open(up, std::move(dismissed));
  if (!session)
    refusal_ = session.error();
  else if (!place_.take(1))
    refusal_ = {errc::busy, env_->self->node, up.peer + " has as many sessions here as it may"};
  else
    session_ = std::move(*session);
  tick();
}

void session_end_state::receive(const link_message& message) {
  if (!channel_) return;
  channel_->heard(self_->clock().now());
  if (auto* sign = std::get_if<beat>(&message)) return channel_->answer_beat(*sign);
  if (auto* part = std::get_if<command>(&message)) return serve(*part);
  if (std::holds_alternative<drain>(message)) { // logged out
    session_.reset();
    logged_out_ = true;
    return env_->plane.hang_up(std::exchange(channel_, {})->link());
  }
  stop({errc::bad_message, env_->self->node, "a message that has no place in a session"});
}

void session_end_state::serve(const command& part) {
  bool known = session_ && session_->logged_in();
  auto line = channel_->join(part.number, part.body, part.more, known ? longest_line : longest_first_line);
  if (!line) return stop(line.error());
  if (!*line) return;
  if (refusal_) return channel_->tell(part.number, "", true, refusal_);
  if (running_ >= most_running)
    return channel_->tell(part.number, "", true,
                          failure{errc::busy, env_->self->node, "too many commands of one session at once"});
  ++running_;
  auto answer = [weak = caf::weak_actor_ptr{self_->ctrl()},
                 number = part.number](std::string text, bool last, std::optional<failure> why) {
    if (auto alive = weak.lock())
      caf::anon_send(caf::actor_cast<reply_sink>(alive),
                     command_reply{{}, number, std::move(text), last, std::move(why)});
  };
  session_->serve(std::move(**line), std::move(answer));
}

void session_end_state::tick() {
  if (!channel_) return;
  auto now = self_->clock().now();
  bool idle = (refusal_ || !session_->logged_in()) && now - began_ >= login_limit;
  if (idle || !channel_->is_alive(now))
    return stop({errc::timed_out, env_->self->node, "the session's other end went silent"});
  if (is_unwanted(now))
    return stop({errc::cut, env_->self->node,
                 "by the definition in force " + peer_ + " has no session with " + env_->self->node});
  self_->delayed_send(self_, std::max(env_->timing.beat_every / 5, std::chrono::milliseconds{50}),
                      caf::tick_atom_v);
}

// The other end is told why, before the link goes.
void session_end_state::dismiss(const failure& why) {
  if (!channel_) return;
  session_.reset();
  channel_->tell(end_of_session, "", true, why);
  env_->plane.hang_up(std::exchange(channel_, {})->link());
}

// The command that brought the definition is answered over this session.
bool session_end_state::is_unwanted(command_channel::clock::time_point now) {
  if (refusal_ || env_->commands->admits(peer_, peer_role_)) {
    unwanted_since_.reset();
    return false;
  }
  if (!unwanted_since_) unwanted_since_ = now;
  return now - *unwanted_since_ >= env_->timing.farewell;
}

void session_end_state::stop(const failure& why) { env_->plane.close(circuit_, why); }

} // namespace hublink
