/// Management sessions over simulated lines: login to every server, the reasons why it fails, loss, logout.
#include "simulation/network/topologies.hpp"
#include "simulation/network/universe.hpp"
#include "simulation/sim/sim_commands.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;
using rows = std::vector<session_row>;

namespace {

std::string managed(const hub_graph& graph) {
  auto text = to_topology(graph);
  auto at = text.find("\"nodes\": {") + 10;
  return text.insert(at, R"("MGR": {"role": "manager", "address": "127.1.0.9:40000", "home": "S1"}, )");
}

struct managed_network {
  explicit managed_network(const hub_graph& graph, std::uint64_t seed = 1) : on(seed, managed(graph)) {
    on.start_all();
  }
  ~managed_network() {
    CHECK(on.quiet(2min));
    CHECK(on.stop_all() == 0);
  }

  template <class... Ts>
  rows ask_sessions(Ts... question) {
    auto answer = std::make_shared<std::optional<rows>>();
    auto put = [answer, question...](caf::event_based_actor* self, const sessions_actor& sessions) {
      self->request(sessions, caf::infinite, question...).then([=](const rows& got) { *answer = got; });
    };
    on.in.system().spawn(put, *on.at("MGR").actors().sessions);
    on.in.run_until([&] { return answer->has_value(); }, 5min);
    REQUIRE(answer->has_value());
    return **answer;
  }
  rows login(const std::string& line = "login right", const std::string& user = "op") {
    return ask_sessions(login_atom_v, login_order{user, login_saying(line)});
  }
  rows login_as(const std::string& user) { return login("login right as " + user, user); }
  rows sessions() { return ask_sessions(sessions_atom_v); }
  rows logout(const std::string& user = {}) { return ask_sessions(logout_atom_v, user); }

  /// What the server answers to that user's command.
  command_reply give(const std::string& user, const std::string& server, const std::string& line) {
    auto told = std::make_shared<std::optional<command_reply>>();
    auto sink = on.in.system().spawn([told](reply_sink::pointer) -> reply_sink::behavior_type {
      return {[told](const command_reply& reply) { *told = reply; }};
    });
    caf::anon_send(*on.at("MGR").actors().sessions, command_atom_v, user, server, line, std::uint64_t(7),
                   reply_sink{sink});
    on.in.run_until([&] { return told->has_value(); }, 1min);
    REQUIRE(told->has_value());
    return **told;
  }

  universe on;
};

const session_row& row_of(const rows& all, const std::string& server) {
  return *std::find_if(all.begin(), all.end(), [&](const auto& row) { return row.server == server; });
}

bool all_are(session_standing state, const rows& all) {
  return std::all_of(all.begin(), all.end(), [&](const auto& row) { return row.state == state; });
}
bool all_in(const rows& all) { return all_are(session_standing::in, all); }

} // namespace

TEST_CASE("a manager logs in at every server, and logout leaves nothing", "[session]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    managed_network net{chain(7), seed};
    auto all = net.login();
    CAPTURE(seed);
    CHECK(all.size() == 7);
    CHECK(all_in(all));
    CHECK(net.on.circuits() > 0);
    net.logout();
    CHECK(net.sessions().empty());
  }
}

TEST_CASE("a wrong password fails at each server, and is named", "[session]") {
  managed_network net{chain(3)};
  for (const auto& row : net.login("login wrong")) {
    CHECK(row.state == session_standing::failed);
    REQUIRE(row.reason);
    CHECK(row.reason->code == errc::not_authenticated);
    CHECK(row.reason->hop == row.server);
  }
}

TEST_CASE("a login that a server never answers ends", "[session]") {
  managed_network net{chain(2)};
  for (const auto& row : net.login("login silent")) {
    CHECK(row.state == session_standing::failed);
    REQUIRE(row.reason);
    CHECK(row.reason->code == errc::hop_down);
    CHECK(row.reason->text == row.server + " does not answer the login");
  }
  CHECK(all_in(net.login()));
  net.logout();
}

TEST_CASE("a server that stops takes its session and those behind it; only a login repairs them",
          "[session]") {
  managed_network net{chain(4)};
  CHECK(all_in(net.login()));
  net.on.at("S3").crash(GENERATE(true, false));
  net.on.in.run_for(2min);
  auto after = net.sessions();
  CHECK(row_of(after, "S1").state == session_standing::in);
  CHECK(row_of(after, "S2").state == session_standing::in);
  CHECK(row_of(after, "S3").state == session_standing::lost);
  CHECK(row_of(after, "S4").state == session_standing::lost);
  net.on.repair();
  net.on.in.run_for(2min);
  CHECK(row_of(net.sessions(), "S4").state == session_standing::lost);
  CHECK(all_in(net.login()));
  net.logout();
}

TEST_CASE("a session whose user may do nothing any more ends; what waits, and who looks, is told why",
          "[session]") {
  managed_network net{chain(3)};
  CHECK(all_in(net.login()));
  auto told = net.give("op", "S2", "dismiss");
  REQUIRE(told.why);
  CHECK(told.why->code == errc::not_authenticated);
  net.on.in.run_for(1min);
  auto after = net.sessions();
  CHECK(row_of(after, "S1").state == session_standing::in);
  CHECK(row_of(after, "S2").state == session_standing::lost);
  REQUIRE(row_of(after, "S2").reason);
  CHECK(row_of(after, "S2").reason->text == "the account was changed");
  CHECK(row_of(after, "S3").state == session_standing::in);
  CHECK(all_in(net.login()));
  net.logout();
}

TEST_CASE("each login asks every server, whoever is in", "[session]") {
  managed_network net{chain(4), GENERATE(range(1u, 6u))};
  CHECK(all_in(net.login()));
  const auto before = net.sessions();
  for (auto user : {"nobody", "op"}) {
    auto wrong = net.login("login wrong", user);
    CAPTURE(user);
    CHECK(wrong.size() == 4);
    CHECK(all_are(session_standing::failed, wrong));
    CHECK(all_are(session_standing::in, net.sessions())); // who is in stays so, and nobody else is listed
    CHECK(net.sessions().size() == 4);
  }
  CHECK(net.give("nobody", "S2", "status").why->code == errc::not_authenticated);
  CHECK(all_in(net.login()));
  auto after = net.sessions();
  for (const auto& row : before) CHECK(row_of(after, row.server).since_ms == row.since_ms);
  net.logout();
}

TEST_CASE("users are in side by side, and each command is its user's", "[session]") {
  managed_network net{chain(4), GENERATE(range(1u, 6u))};
  for (auto user : {"anna", "op", "zoe"}) CHECK(all_in(net.login_as(user)));
  CHECK(net.sessions().size() == 12);
  for (auto user : {"anna", "op", "zoe"})
    CHECK(net.give(user, "S3", "whose?").line == "S3 as " + std::string{user} + ": whose?");
  CHECK(net.give("op", "S2", "dismiss").why);
  CHECK(net.give("anna", "S2", "whose?").line == "S2 as anna: whose?");
  auto out = net.logout("anna");
  CHECK(out.size() == 4);
  CHECK(all_are(session_standing::out, out));
  CHECK(net.sessions().size() == 8);
  CHECK(net.give("anna", "S1", "whose?").why->code == errc::not_authenticated);
  CHECK(net.give("zoe", "S1", "whose?").line == "S1 as zoe: whose?");
  CHECK(net.logout("op").size() == 3); // one was lost
  CHECK(net.logout().size() == 4);
  CHECK(net.sessions().empty());
  CHECK(net.logout().empty());
}

TEST_CASE("logins and logouts that cross each other leave nothing of who is out", "[session]") {
  managed_network net{chain(5), GENERATE(range(1u, 21u))};
  auto answers = std::make_shared<std::vector<std::pair<std::string, rows>>>();
  auto cross = [answers](caf::event_based_actor* self, const sessions_actor& sessions) {
    auto take = [answers](const std::string& what) {
      return [answers, what](const rows& got) { answers->emplace_back(what, got); };
    };
    auto log_in = [&](const std::string& user) {
      login_order order{user, login_saying("login right as " + user)};
      self->request(sessions, caf::infinite, login_atom_v, order).then(take("login " + user));
    };
    log_in("anna");
    log_in("op");
    log_in("op");
    log_in("zoe");
    caf::delayed_anon_send(sessions, 3ms, logout_atom_v, std::string("anna"));
    caf::delayed_anon_send(sessions, 9ms, logout_atom_v, std::string("zoe"));
  };
  net.on.in.system().spawn(cross, *net.on.at("MGR").actors().sessions);
  net.on.in.run_until([&] { return answers->size() == 4; }, 5min);
  REQUIRE(answers->size() == 4);
  for (const auto& [what, got] : *answers) {
    CAPTURE(what);
    if (what == "login op")
      CHECK(all_in(got));
    else
      CHECK(std::none_of(got.begin(), got.end(),
                         [](const auto& row) { return row.state == session_standing::in; }));
  }
  net.on.in.run_for(1min);
  auto all = net.sessions();
  CHECK(all.size() == 5);
  CHECK(std::all_of(all.begin(), all.end(), [](const auto& row) { return row.user == "op"; }));
  net.logout();
}
