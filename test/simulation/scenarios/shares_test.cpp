/// One client that takes all that it gets, and what is left for the others.
#include "simulation/network/greedy_peer.hpp"
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

/// GREEDY beside HOST1, and servers that take few circuits.
std::string with_greedy() {
  auto topology = three_hubs();
  auto put = [&](const std::string& before, const std::string& more) {
    topology.insert(topology.find(before), more);
  };
  put("\"HOST1\": {", R"("GREEDY": {"role": "client", "address": "127.1.1.66:30000", "home": "ServerA"},
    )");
  put("\"FILE09\": {", R"("GREED": {"from": "GREEDY", "to": ["HOST2"]},
    )");
  for (std::string server : {"127.1.1.1", "127.1.2.1"})
    put("\"address\": \"" + server + ":40000\"", R"("limits": {"circuits": 64}, )");
  return topology;
}

struct greedy_lab : lab {
  greedy_lab() : lab(1, with_greedy()) {
    source("HOST1", "out/report", "there");
    start();
    transfer("HOST1", "FILE01"); // links are up
  }

  duration time_of_a_send() {
    auto begun = on.in.now();
    CHECK(transfer("HOST1", "FILE01").state == transfer_state::done);
    return on.in.now() - begun;
  }

  greedy_peer greedy{on.net, "GREEDY", *on.at("ServerA").self().address.known_endpoint(), "GREED"};
};

/// At ServerA, of what GREEDY asked.
std::uint64_t told(greedy_lab& net) {
  std::uint64_t count = 0;
  for (const auto& entry : net.on.events.all())
    if (auto* what = std::get_if<event::told>(&entry.what))
      count += entry.node == "ServerA" && what->from == "GREEDY";
  return count;
}

std::uint64_t summed_up(greedy_lab& net) {
  std::uint64_t count = 0;
  for (const auto& entry : net.on.events.all())
    if (auto* what = std::get_if<event::refused>(&entry.what); what && what->count) {
      CHECK(entry.node == "ServerA");
      CHECK(what->reason.starts_with(std::to_string(*what->count) +
                                     " more opens of GREEDY in the last minute: "));
      count += *what->count;
    }
  return count;
}

} // namespace

TEST_CASE("one client can't have all circuits between two hubs, and others' sends take as long as before",
          "[shares]") {
  greedy_lab net;
  auto usual = net.time_of_a_send();
  net.greedy.ask(600);
  net.on.in.run_for(2s);
  // Of the 64 that its home gives it: 45 of the 64 between the two hubs, the others by the third one.
  CHECK(net.greedy.opened() == 64);
  CHECK(net.greedy.refused(errc::busy) > 100);
  CHECK(net.time_of_a_send() <= 2 * usual);
  net.on.in.run_for(20s); // nobody claimed them
  net.greedy.stop();
  CHECK(joined(net.account()) == "");
}

TEST_CASE("what is refused again and again is summed up, and nothing is left out", "[shares]") {
  greedy_lab net;
  net.greedy.ask(3000);
  net.on.in.run_for(70s);
  auto refused = std::uint64_t(net.greedy.asked() - net.greedy.opened());
  CHECK(refused > 2000);
  auto single = told(net) - std::uint64_t(net.greedy.opened());
  CHECK(summed_up(net) > 0);
  CHECK(single < 200);
  net.greedy.stop();
  net.on.in.run_for(70s);
  CHECK(told(net) - std::uint64_t(net.greedy.opened()) + summed_up(net) <= refused);
  CHECK(joined(net.account()) == "");
}
