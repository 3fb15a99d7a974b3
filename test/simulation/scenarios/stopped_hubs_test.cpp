/// Hubs that are stopped are gone around, as long as the network stays connected without them.
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

#include <set>

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

std::string server(int number) { return "S" + std::to_string(number); }
std::string client(int number) { return "C" + std::to_string(number); }

/// From C1 to the last client by every kind of circuit: `OUT` is sent, `BACK` asked for, `DB` a gateway.
class crossing {
 public:
  explicit crossing(std::uint64_t seed, hub_graph of)
      : graph(with_uses(std::move(of))), net(seed, to_topology(graph)), in(net.on.in) {
    net.source(client(1), "out/file", "there");
    net.source(client(graph.servers), "out/back", "and back");
    net.start();
  }

  void stop(int number) { net.on.at(server(number)).crash(in.chance(500)); }

  /// More than the servers' neighbours would be asked again and again. The last server has its client besides.
  std::string too_many_opens(const transfer_id& search, int attempts = 1) const {
    std::map<std::string, int> opens;
    for (const auto& entry : net.on.events.all())
      if (entry.transfer == search && std::holds_alternative<event::next>(entry.what)) ++opens[entry.node];
    for (int number = 1; number <= graph.servers; ++number)
      if (opens[server(number)] > attempts * (degree(graph, number) + (number == graph.servers ? 1 : 0)))
        return server(number) + " opened " + std::to_string(opens[server(number)]);
    return "";
  }

  /// All pings that were made, by the trace.
  std::set<transfer_id> pings() const {
    std::set<transfer_id> found;
    for (const auto& entry : net.on.events.all())
      if (auto* told = std::get_if<event::told>(&entry.what); told && told->kind == circuit_kind::ping)
        found.insert(entry.transfer);
    return found;
  }

  hub_graph graph;
  lab net;
  world& in;

 private:
  static hub_graph with_uses(hub_graph of) {
    const std::string again = R"(, "retry": {"count": 30, "every_s": 2})";
    of.files = {
        {"OUT", 1, of.servers, R"(, "send": {"path": "out/file"}, "receive": {"path": "in/file"})" + again},
        {"BACK", of.servers, 1, R"(, "send": {"path": "out/back"}, "receive": {"path": "in/back"})" + again}};
    of.gateways = {{"DB", 1, of.servers, true}};
    return of;
  }
};

void check_all_get_through(crossing& over) {
  auto& net = over.net;
  // One that meets a machine that went silent on an open link may take its whole budget to learn it.
  auto asked = net.on.ping(client(1), client(over.graph.servers));
  if (asked && !*asked && asked->error().code == errc::timed_out)
    asked = net.on.ping(client(1), client(over.graph.servers));
  REQUIRE(asked);
  INFO((*asked ? std::string{} : asked->error().text));
  CHECK(*asked);
  for (const auto& search : over.pings()) CHECK(over.too_many_opens(search) == "");

  auto sent = net.transfer(client(1), "OUT");
  CHECK(to_string(sent.state) == "done");
  CHECK(sent.attempt <= 2);
  CHECK(over.too_many_opens(sent.transfer, int(sent.attempt)) == "");

  auto returned = std::make_shared<std::optional<outcome<transfer_record>>>();
  std::function<void(outcome<transfer_record>)> keep = [returned](outcome<transfer_record> got) {
    *returned = std::move(got);
  };
  ask<transfer_record>(over.in, net.on.at(client(1)).supervisor(), 10min, keep, request_atom_v,
                       request_order{"BACK", false, false}, watcher_actor{});
  CHECK(over.in.run_until([&] { return net.on.at(client(1)).disk().get("in/back").has_value(); }, 1min));

  // The first may be carried by a link that is about to be found dead.
  std::string state;
  for (int tries = 0; tries < 2 && state != "done"; ++tries) {
    auto application = net.on.connect("DB", 5'000, 5'000);
    CHECK(over.in.run_until([&] { return net.on.applications.under_way() == 0; }, 2min));
    state = to_string(net.on.applications.at(application).at_calling.state);
  }
  CHECK(state == "done");
}

} // namespace

TEST_CASE("one or two stopped hubs are gone around in every network", "[routing][stopped]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    world chance{seed};
    auto graph = random_graph(chance, 4 + int(chance.below(27)));
    const std::set<int> ends{1, graph.servers};
    const auto stopped = stoppable(chance, graph, 1 + chance.below(2), ends);
    crossing over{seed, graph};
    over.in.run_for(over.in.between(0s, 20s));
    for (int each : stopped) {
      over.in.run_for(over.in.between(0s, 3s));
      over.stop(each);
    }
    INFO("seed " << seed << ", " << graph.servers << " servers, " << stopped.size() << " stopped");
    check_all_get_through(over);
    CHECK(joined(over.net.account()) == "");
  }
}

TEST_CASE("a hub that stops while it carries is gone around", "[routing][stopped]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    crossing over{seed, grid(3, 3)};
    over.in.run_for(5s);
    over.net.begin(client(1), "OUT");
    over.in.run_for(over.in.between(0ms, 800ms));
    over.stop(2);
    over.stop(5);
    INFO("seed " << seed);
    CHECK(over.in.run_until([&] { return over.net.on.everything_final(); }, 5min));
    check_all_get_through(over);
    CHECK(joined(over.net.account()) == "");
  }
}
