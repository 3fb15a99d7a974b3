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
  rows login(const std::string& line = "login right") {
    return ask_sessions(login_atom_v, login_order{"op", login_saying(line)});
  }
  rows sessions() { return ask_sessions(sessions_atom_v); }
  void logout() { ask_sessions(logout_atom_v); }

  universe on;
};

const session_row& row_of(const rows& all, const std::string& server) {
  return *std::find_if(all.begin(), all.end(), [&](const auto& row) { return row.server == server; });
}

bool all_in(const rows& all) {
  return std::all_of(all.begin(), all.end(),
                     [](const auto& row) { return row.state == session_standing::in; });
}

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
