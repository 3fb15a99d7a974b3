/// The scenario page's transfers, step by step.
#include "simulation/network/topologies.hpp"
#include "simulation/network/universe.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;

namespace {

/// The steps that make the circuit, in order, without what each hop answers.
lines steps(const event_trace& events, const transfer_id& transfer) {
  lines found;
  for (const auto& entry : events.all())
    if (entry.transfer == transfer &&
        (std::holds_alternative<event::told>(entry.what) || std::holds_alternative<event::next>(entry.what)))
      found.push_back(to_string(entry));
  return found;
}

struct three {
  three() {
    on.at("HOST1").disk().put("out/report", content_of("what HOST1 has to say"));
    on.start_all();
  }
  ~three() {
    CHECK(on.quiet(1min));
    CHECK(on.stop_all() == 0);
  }
  universe on{1, three_hubs(), true};
};

} // namespace

TEST_CASE("scenario 2.1: auto, one destination", "[scenario]") {
  three net;
  auto done = net.on.transfer("HOST1", "FILE01");
  CHECK(done.state == transfer_state::done);
  CHECK(net.on.at("HOST2").disk().get("in/report") == content_of("what HOST1 has to say"));
  CHECK(steps(net.on.events, done.transfer) == lines{
                                                   "HOST1 next ServerA by definition at ServerA",
                                                   "ServerA told HOST1 FILE01 to HOST2",
                                                   "ServerA next HOST2 by route at ServerB",
                                                   "ServerB told ServerA FILE01 to HOST2",
                                                   "ServerB next HOST2 by registered at HOST2",
                                                   "HOST2 told ServerB FILE01",
                                               });
}

TEST_CASE("scenario 2.2: manual, one destination, through ServerC", "[scenario]") {
  three net;
  auto done = net.on.transfer("HOST1", "FILE02");
  CHECK(done.state == transfer_state::done);
  CHECK(net.on.at("HOST2").disk().get("in/manual") == content_of("what HOST1 has to say"));
  CHECK(steps(net.on.events, done.transfer) == lines{
                                                   "HOST1 next ServerA by definition at ServerA",
                                                   "ServerA told HOST1 FILE02",
                                                   "ServerA next ServerC by route at ServerC",
                                                   "ServerC told ServerA FILE02",
                                                   "ServerC next HOST2 by route at ServerB",
                                                   "ServerB told ServerC FILE02 to HOST2",
                                                   "ServerB next HOST2 by registered at HOST2",
                                                   "HOST2 told ServerB FILE02",
                                               });
}

TEST_CASE("of two who try a failed transfer again at once, one does", "[scenario]") {
  three net;
  transfer_record failed;
  failed.transfer = std::string(32, 'f');
  failed.file = "FILE01";
  failed.from = "HOST1";
  failed.to = {{"HOST2", transfer_state::failed}};
  failed.state = transfer_state::failed;
  failed.sequence = failed.attempt = 1;
  failed.path = "out/report";
  net.on.at("HOST1").journal().plant(failed);
  std::vector<outcome<transfer_record>> said;
  std::function<void(outcome<transfer_record>)> keep = [&said](outcome<transfer_record> answer) {
    said.push_back(std::move(answer));
  };
  for (int i = 0; i < 2; ++i)
    ask<transfer_record>(net.on.in, *net.on.at("HOST1").actors().dispatcher, 30s, keep, retry_atom_v,
                         failed.transfer);
  CHECK(net.on.in.run_until(
      [&] { return net.on.sent("HOST1", failed.transfer)->state == transfer_state::done; }, 1min));
  REQUIRE(said.size() == 2);
  CHECK(std::count_if(said.begin(), said.end(), [](const auto& answer) { return bool(answer); }) == 1);
  auto refused = said[0] ? said[1] : said[0];
  CHECK(refused.error().code == errc::busy);
  CHECK(net.on.sent("HOST1", failed.transfer)->attempt == 2);
}

TEST_CASE("every hop says how it went", "[scenario]") {
  three net;
  auto done = net.on.transfer("HOST1", "FILE01");
  REQUIRE(net.on.quiet(1min));
  std::map<std::string, int> count;
  for (const auto& line : net.on.events.of(done.transfer)) ++count[line];
  for (const char* expected :
       {"HOST1 opened ServerA", "ServerA opened ServerB", "ServerB opened HOST2", "HOST1 closed done",
        "ServerA closed done", "ServerB closed done", "HOST2 closed done", "HOST2 received FILE01 from HOST1",
        "HOST1 sent FILE01 HOST2:done"}) {
    INFO(expected);
    CHECK(count[expected] == 1);
  }
}

TEST_CASE("chains of five and nine servers", "[scenario]") {
  auto servers = GENERATE(5, 9);
  auto graph = chain(servers);
  graph.files = {{"FAR", 1, servers, ""}};
  universe on{1, to_topology(graph)};
  on.at("C1").disk().put("out/FAR", content_of("far"));
  on.start_all();
  auto done = on.transfer("C1", "FAR");
  CHECK(done.state == transfer_state::done);
  CHECK(steps(on.events, done.transfer).size() == std::size_t(2 * (servers + 1)));
  CHECK(on.quiet(1min));
}

TEST_CASE("a ping names every hop", "[scenario]") {
  three net;
  auto answer = net.on.ping("HOST1", "HOST3");
  REQUIRE(answer);
  INFO((*answer ? "" : to_string(answer->error())));
  REQUIRE(*answer);
  lines path;
  for (const auto& hop : (*answer)->path) path.push_back(hop.node);
  CHECK(path == lines{"ServerA", "ServerC", "HOST3"});
}
