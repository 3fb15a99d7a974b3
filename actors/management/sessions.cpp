#include "actors/management/sessions.hpp"
#include "actors/base/spawn.hpp"
#include "actors/management/session.hpp"
#include "actors/management/session_choice.hpp"
#include "actors/ports/ids.hpp"

#include <algorithm>

namespace hublink {

namespace {
/// Sessions that one login opens at once: each costs both ends a handshake, and this one a slow hash.
constexpr std::size_t most_opening = 32;
} // namespace

// The node ends. Sessions hang up when they are ended; one that waited for its circuit's end could wait in
// vain, since the plane stops too, and hold the node up.
sessions_state::~sessions_state() {
  const auto end = [](const session_actor& session) {
    caf::anon_send_exit(session, caf::exit_reason::user_shutdown);
  };
  for (const auto& login : rounds_)
    for (const auto& [server, session] : login->open) end(session);
  for (const auto& [user, places] : users_)
    for (const auto& [server, there] : places)
      if (there.session) end(*there.session);
}

sessions_actor::behavior_type sessions_state::start(environment_ptr env, hop_services services) {
  env_ = std::move(env);
  services_ = std::move(services);
  return {
      [this](lost_atom, const std::string& server, const failure& why) { lost(server, why); },
      [this](login_atom, const login_order& order) { return login(order); },
      [this](logout_atom, const std::string& user) { return logout(user); },
      [this](sessions_atom) { return all(); },
      [this](define_atom) { end_unknown(); },
      [this](command_atom, const std::string& user, const std::string& server, const std::string& line,
             std::uint64_t tag, const reply_sink& sink) {
        if (auto found = users_.find(user); found != users_.end())
          if (auto there = found->second.find(server); there != found->second.end() && there->second.session)
            return self_->send(*there->second.session, command_atom_v, line, tag, sink);
        self_->send(sink, command_reply{server, tag, "", true, why_not_in(user, server)});
      },
  };
}

failure sessions_state::why_not_in(const std::string& user, const std::string& server) const {
  std::string lost;
  if (auto found = users_.find(user); found != users_.end())
    if (auto known = found->second.find(server); known != found->second.end())
      if (const auto& row = known->second.row; row.state == session_standing::lost && row.reason)
        lost = " any more: " + row.reason->text;
  return {errc::not_authenticated, env_->self->node,
          user + " is not logged in at " + server + lost + "; see hublink login and sessions"};
}

// -- login

caf::result<sessions_state::rows> sessions_state::login(const login_order& order) {
  auto login = std::make_shared<round>(round{order});
  login->reply = answer_promise<rows>{self_->make_response_promise<rows>()};
  const auto self = env_->self.now();
  login->servers.assign(self->directory.servers.begin(), self->directory.servers.end());
  rounds_.push_back(login);
  auto promise = login->reply.promise();
  ask_next(login);
  return promise;
}

void sessions_state::ask_next(const round_ptr& login) {
  while (!login->servers.empty() && login->open.size() < most_opening) {
    auto server = login->servers.front();
    login->servers.pop_front();
    ask(login, server);
  }
  if (login->open.empty()) conclude(login);
}

void sessions_state::ask(const round_ptr& login, const std::string& server) {
  auto session = spawn<session_state>(self_->system(), env_, services_, server);
  login->open.emplace(server, session);
  auto over = [this, server, login](std::optional<failure> why) {
    settle(*login, server, std::move(why));
    ask_next(login);
  };
  self_->request(session, caf::infinite, login_atom_v, login->order)
      .then([over] { over({}); },
            [this, over](const caf::error& no) { over(to_failure(no, env_->self->node)); });
}

template <class Event>
void sessions_state::write(const session_row& row) const {
  Event what{{row.server, row.user, {}}};
  if (row.reason) what.reason = to_string(*row.reason);
  env_->events.write({}, what);
}

void sessions_state::settle(round& login, const std::string& server, std::optional<failure> why) {
  auto session = std::move(login.open.extract(server).mapped());
  if (!why && (login.ended || !contains(env_->self.now()->directory.servers, server))) {
    self_->send(session, logout_atom_v);
    why = failure{errc::cancelled, env_->self->node, "logged out of " + server};
  }
  auto& row = login.rows[server];
  row = {server, why ? session_standing::failed : session_standing::in, login.order.user, now_ms(*env_),
         std::move(why)};
  write<event::login>(row);
  if (!row.reason) admit(row, session);
}

// Who is in there already has proved that it is him, and goes on as he was: his commands are under way.
void sessions_state::admit(session_row& row, const session_actor& session) {
  auto& there = users_[row.user][row.server];
  if (there.session) {
    self_->send(session, logout_atom_v);
    row = there.row;
  } else {
    there = {row, session};
  }
}

// Who was let in nowhere has nothing here afterwards, whatever name he gave.
void sessions_state::conclude(const round_ptr& login) {
  std::erase(rounds_, login);
  rows came;
  for (const auto& [server, row] : login->rows) {
    came.push_back(row);
    if (login->ended) continue;
    auto& there = users_[login->order.user][server];
    if (!there.session) there.row = row;
  }
  forget_who_is_nowhere();
  login->reply.deliver(std::move(came));
}

// -- logout, loss

caf::result<sessions_state::rows> sessions_state::logout(const std::string& named) {
  auto known = all();
  for (const auto& login : rounds_) known.push_back({{}, session_standing::failed, login->order.user, 0, {}});
  if (known.empty() && named.empty()) return rows{};
  auto user = chosen_user(known, named);
  if (!user) return to_error(user.error());
  rows ended;
  if (auto places = users_.extract(*user))
    for (auto& [server, there] : places.mapped()) {
      if (!there.session) continue;
      self_->send(*there.session, logout_atom_v);
      write<event::logout>(there.row);
      there.row.state = session_standing::out;
      there.row.since_ms = now_ms(*env_);
      ended.push_back(std::move(there.row));
    }
  for (const auto& login : rounds_) {
    if (login->order.user != *user) continue;
    login->ended = true;
    login->servers.clear();
    for (const auto& [server, session] : login->open) self_->send(session, logout_atom_v);
    for (auto& [server, row] : login->rows)
      if (row.state == session_standing::in) row.state = session_standing::out;
  }
  return ended;
}

void sessions_state::end_unknown() {
  const auto self = env_->self.now();
  for (auto& [user, places] : users_)
    std::erase_if(places, [&](const auto& row) {
      if (contains(self->directory.servers, row.first)) return false;
      if (row.second.session) {
        self_->send(*row.second.session, logout_atom_v);
        write<event::logout>(row.second.row);
      }
      return true;
    });
  forget_who_is_nowhere();
}

void sessions_state::forget_who_is_nowhere() {
  std::erase_if(users_, [](const auto& user) {
    return std::ranges::none_of(user.second, [](const auto& there) {
      const auto state = there.second.row.state;
      return state == session_standing::in || state == session_standing::lost;
    });
  });
}

sessions_state::rows sessions_state::all() const {
  rows found;
  for (const auto& [user, places] : users_)
    for (const auto& [server, there] : places) found.push_back(there.row);
  return found;
}

// By who says it: another session of that user may stand there by now.
void sessions_state::lost(const std::string& server, const failure& why) {
  for (auto& [user, places] : users_) {
    auto there = places.find(server);
    if (there == places.end() || !there->second.session ||
        there->second.session->address() != self_->current_sender())
      continue;
    there->second.session.reset();
    auto& row = there->second.row;
    row.state = session_standing::lost;
    row.since_ms = now_ms(*env_);
    row.reason = why;
    write<event::session_lost>(row);
  }
}

} // namespace hublink
