#include "actors/management/sessions.hpp"
#include "actors/base/spawn.hpp"
#include "actors/management/session.hpp"
#include "actors/ports/ids.hpp"

namespace hublink {

namespace {
/// Sessions that are being opened at once: each costs both ends a handshake, and the server a slow hash.
constexpr std::size_t most_opening = 32;
} // namespace

// The node ends. Sessions hang up when they are ended; one that waited for its circuit's end could wait in
// vain, since the plane stops too, and hold the node up.
sessions_state::~sessions_state() {
  for (const auto& [server, session] : actors_) caf::anon_send_exit(session, caf::exit_reason::user_shutdown);
}

sessions_actor::behavior_type sessions_state::start(environment_ptr env, hop_services services) {
  env_ = std::move(env);
  services_ = std::move(services);
  return {
      [this](lost_atom, const std::string& server, const failure& why) { lost(server, why); },
      [this](login_atom, const login_order& order) { return login(order); },
      [this](logout_atom) { return logout(); },
      [this](sessions_atom) { return all(); },
      [this](define_atom) { end_unknown(); },
      [this](command_atom, const std::string& server, const std::string& line, std::uint64_t tag,
             const reply_sink& sink) {
        auto found = actors_.find(server);
        if (found != actors_.end()) return self_->send(found->second, command_atom_v, line, tag, sink);
        self_->send(sink, command_reply{server, tag, "", true, why_not_in(server)});
      },
  };
}

failure sessions_state::why_not_in(const std::string& server) const {
  auto known = rows_.find(server);
  auto lost = known != rows_.end() && known->second.state == session_standing::lost && known->second.reason
                  ? " any more: " + known->second.reason->text
                  : "";
  return {errc::not_authenticated, env_->self->node,
          "not logged in at " + server + lost + "; see hublink login and sessions"};
}

caf::result<sessions_state::rows> sessions_state::login(const login_order& order) {
  if (opening_ > 0) return to_error({errc::busy, env_->self->node, "a login is under way already"});
  auto reply = std::make_shared<answer_promise<rows>>(self_->make_response_promise<rows>());
  auto self = env_->self.now();
  for (const auto& server : self->directory.servers)
    if (!actors_.count(server)) missing_.push_back(server);
  open_next(order, reply);
  return reply->promise();
}

void sessions_state::open_next(const login_order& order, const std::shared_ptr<answer_promise<rows>>& reply) {
  while (!missing_.empty() && opening_ < most_opening) {
    auto server = missing_.front();
    missing_.pop_front();
    open(server, order, reply);
  }
  if (opening_ == 0) reply->deliver(all());
}

void sessions_state::open(const std::string& server, const login_order& order,
                          std::shared_ptr<answer_promise<rows>> reply) {
  ++opening_;
  auto& row = rows_[server];
  row = {server, session_standing::failed, order.user, now_ms(*env_), {}};
  auto session = spawn<session_state>(self_->system(), env_, services_, server);
  actors_.emplace(server, session);
  auto over = [this, server, order, reply](std::optional<failure> why) {
    settled(server, std::move(why));
    --opening_;
    open_next(order, reply);
  };
  self_->request(session, caf::infinite, login_atom_v, order)
      .then([over] { over({}); },
            [this, over](const caf::error& no) { over(to_failure(no, env_->self->node)); });
}

template <class Event>
void sessions_state::write(const session_row& row) const {
  Event what{{row.server, row.user, {}}};
  if (row.reason) what.reason = to_string(*row.reason);
  env_->events.write({}, what);
}

void sessions_state::settled(const std::string& server, std::optional<failure> why) {
  if (!actors_.count(server)) return; // logged out meanwhile
  auto& row = rows_[server];
  row.state = why ? session_standing::failed : session_standing::in;
  row.since_ms = now_ms(*env_);
  row.reason = std::move(why);
  if (row.reason) actors_.erase(server);
  write<event::login>(row);
}

sessions_state::rows sessions_state::logout() {
  missing_.clear();
  for (const auto& [server, session] : std::exchange(actors_, {})) {
    self_->send(session, logout_atom_v);
    write<event::logout>(rows_[server]);
  }
  auto ended = all();
  rows_.clear();
  return ended;
}

void sessions_state::end_unknown() {
  auto self = env_->self.now();
  std::erase_if(rows_, [&](const auto& row) {
    if (contains(self->directory.servers, row.first)) return false;
    if (auto session = actors_.extract(row.first)) {
      self_->send(session.mapped(), logout_atom_v);
      write<event::logout>(row.second);
    }
    return true;
  });
}

sessions_state::rows sessions_state::all() const {
  rows found;
  for (const auto& [server, row] : rows_) found.push_back(row);
  return found;
}

void sessions_state::lost(const std::string& server, const failure& why) {
  if (actors_.erase(server) == 0) return;
  auto& row = rows_[server];
  row.state = session_standing::lost;
  row.since_ms = now_ms(*env_);
  row.reason = why;
  write<event::session_lost>(row);
}

} // namespace hublink
