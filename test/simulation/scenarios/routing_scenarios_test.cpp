/// Whom a node dials: the address that its own system resolver gives counts where the definition says so.
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

endpoint at(const char* text) { return *endpoint::parse(text); }

/// With `more` in that node's entry.
std::string with(std::string topology, const std::string& node, const std::string& more) {
  const auto entry = "\"" + node + "\": {";
  return topology.replace(topology.find(entry), entry.size(), entry + more + ", ");
}

const std::string system_resolver = R"("resolver": "system")";

/// From now on the node's table names an address of its home where nobody is.
void mislead(sim_node& node) {
  auto self = node.self();
  self.home_address = at("127.9.9.9:40000");
  node.define(std::move(self));
}

/// Its system resolver, as everybody's, has another address than all tables, and that one leads there too.
void rename(universe& on, const std::string& server, const char* where) {
  on.net.names[server] = {at(where).address};
  on.net.place(server, at(where));
}

std::vector<std::string> dialled(const universe& on, const std::string& node) {
  std::vector<std::string> all;
  for (const auto& entry : on.events.all())
    if (auto* next = std::get_if<event::next>(&entry.what); next && entry.node == node)
      all.push_back(next->dialled);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

using names = std::vector<std::string>;

} // namespace

TEST_CASE("a client with the system's resolver dials the address that this gives for its home", "[routing]") {
  lab net{1, with(three_hubs(), "HOST1", system_resolver)};
  mislead(net.on.at("HOST1"));
  net.source("HOST1", "out/report", "there");
  SECTION("which leads there") {
    rename(net.on, "ServerA", "127.77.1.1:40000");
    net.start();
    CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
    auto report = net.on.ping("HOST1", "HOST3");
    REQUIRE(report);
    CHECK(*report);
    CHECK(dialled(net.on, "HOST1") == names{"127.77.1.1:40000"});
  }
  SECTION("or its table's, where the system does not know the name") {
    net.start();
    CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::failed);
    CHECK(dialled(net.on, "HOST1") == names{"127.9.9.9:40000"});
  }
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a client asks the system anew each time", "[routing]") {
  lab net{1, with(three_hubs(), "HOST1", system_resolver)};
  net.source("HOST1", "out/report", "there");
  net.start();
  CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
  rename(net.on, "ServerA", "127.77.1.1:40000");
  CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
  CHECK(dialled(net.on, "HOST1") == names{"127.1.1.1:40000", "127.77.1.1:40000"});
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a client that can't be dialled keeps its link where the system says", "[routing][link]") {
  lab net{1, with(three_hubs(), "HOST2", R"("dial": "out", )" + system_resolver)};
  mislead(net.on.at("HOST2"));
  rename(net.on, "ServerB", "127.77.2.1:40000");
  net.source("HOST1", "out/report", "there");
  net.start();
  net.on.in.run_for(5s);
  CHECK(net.on.at("HOST2").links() == 1);
  CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done); // it dials back there, too
  net.on.net.cut("HOST2", "ServerB");
  net.on.in.run_for(5s);
  CHECK(net.on.at("HOST2").links() == 1);
  CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
  auto report = net.on.ping("HOST1", "HOST2");
  REQUIRE(report);
  CHECK(*report);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a link that is kept comes up as soon as the system knows where", "[routing][link]") {
  lab net{1, with(three_hubs(), "HOST2", R"("dial": "out", )" + system_resolver)};
  mislead(net.on.at("HOST2"));
  net.start();
  net.on.in.run_for(5min);
  CHECK(net.on.at("HOST2").links() == 0);
  rename(net.on, "ServerB", "127.77.2.1:40000");
  net.on.in.run_for(1min);
  CHECK(net.on.at("HOST2").links() == 1);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a manager's sessions go to its home as the system says", "[routing][session]") {
  auto topology = three_hubs();
  const std::string nodes = "\"nodes\": {";
  topology.insert(topology.find(nodes) + nodes.size(),
                  R"("MGR": {"role": "manager", "address": "127.1.0.9:40000", "home": "ServerA"}, )");
  lab net{1, with(topology, "MGR", system_resolver)};
  mislead(net.on.at("MGR"));
  rename(net.on, "ServerA", "127.77.1.1:40000");
  net.start();
  auto answer = std::make_shared<std::vector<session_row>>();
  auto log_in = [answer](caf::event_based_actor* self, const sessions_actor& sessions) {
    self->request(sessions, caf::infinite, login_atom_v, login_order{"op", login_saying("login right")})
        .then([=](const std::vector<session_row>& got) { *answer = got; });
  };
  net.on.in.system().spawn(log_in, *net.on.at("MGR").actors().sessions);
  net.on.in.run_until([&] { return !answer->empty(); }, 1min);
  REQUIRE(answer->size() == 3);
  for (const auto& row : *answer) CHECK(row.state == session_standing::in);
  CHECK(dialled(net.on, "MGR") == names{"127.77.1.1:40000"});
}

TEST_CASE("a hub whose address is a name is found at those of its addresses that work", "[routing]") {
  auto text = three_hubs();
  const std::string plain = R"("address": "127.1.2.1:40000")";
  text.replace(text.find(plain), plain.size(),
               R"("address": "hub-b.example:40000", "listen": ["127.1.2.1:40000", "10.2.0.1:40000"])");
  lab net{1, text};
  net.source("HOST1", "out/report", "there");
  auto& known = net.on.net.names["hub-b.example"];
  SECTION("one that says nothing comes first") {
    known = {at("192.0.2.1:1").address, at("127.1.2.1:1").address};
  }
  SECTION("the other network's alone") { known = {at("10.2.0.1:1").address}; }
  net.start();
  CHECK(net.transfer("HOST1", "FILE01").state == transfer_state::done);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a name that nobody knows ends a send with the name, and another way is taken where there is one",
          "[routing]") {
  auto text = three_hubs();
  const std::string plain = R"("address": "127.1.2.1:40000")";
  text.replace(text.find(plain), plain.size(),
               R"("address": "hub-b.example:40000", "listen": "127.1.2.1:40000")");
  lab net{1, text};
  net.source("HOST1", "out/report", "there");
  net.start();
  auto record = net.transfer("HOST1", "FILE01");
  CHECK(record.state == transfer_state::failed);
  REQUIRE(record.reason);
  CHECK_THAT(record.reason->text, Catch::Contains("hub-b.example"));
  CHECK(joined(net.account()) == "");
}
