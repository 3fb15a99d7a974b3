#include "node/metrics/event_counters.hpp"
#include "node/metrics/metric_text.hpp"

#include "documents.hpp"
#include "support/catch.hpp"

#include <regex>

using namespace hublink;
using namespace std::chrono_literals;

namespace {

std::size_t times_in(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

const std::string good_metrics = "# HELP hublink_held 1: held\n# TYPE hublink_held gauge\nhublink_held 0\n";

} // namespace

TEST_CASE("nodes' metrics become one text, in which each sample says of which node") {
  metric_list of_a;
  of_a.gauge("hublink_held", "1: held", 1);
  of_a.gauge("hublink_link_up", "up", 1, {{"peer", "B \"x\" \\ y"}});
  auto all = joined_metrics({{"A", of_a.text()}, {"B", good_metrics}});
  CHECK(all.find("hublink_held{node=\"A\"} 1\n") != all.npos);
  CHECK(all.find("hublink_held{node=\"B\"} 0\n") != all.npos);
  CHECK(all.find("hublink_link_up{node=\"A\",peer=\"B \\\"x\\\" \\\\ y\"} 1\n") != all.npos);
  CHECK(times_in(all, "# TYPE hublink_held gauge") == 1);
}

TEST_CASE("what a node says can't spoil what the others say") {
  for (const std::string bad :
       {"hublink_held{node=\"A\"} 1\n", "hublink_held{a=\"1\",a=\"2\"} 1\n", "hublink_held{a=\"1} 1\n",
        "hublink_held{a=\"\\x\"} 1\n", "hublink_held one\n", "hublink_held 1 2\n", "hublink_held{} 1 # x\n",
        "other 1\n", "hublink_held{a=1} 1\n", "hublink_held\n", "hublink_new 1\n",
        "# TYPE hublink_held counter gauge\n", "garbage\n", "hublink_HELD 1\n", "{} 1\n",
        "hublink_held{\n"}) {
    CAPTURE(bad);
    CHECK(joined_metrics({{"B", good_metrics + bad}}) == joined_metrics({{"B", good_metrics}}));
  }
}

TEST_CASE("events are counted by what they say") {
  event_counters counters;
  const event_counters::clock::time_point begin{1h};
  counters.note("t1", event::told{circuit_kind::transfer, "HOST1", "F", {"HOST2"}, {}, {}}, begin);
  counters.note("t1", event::next{"HOST2", {}, "ServerB", "", "route"}, begin);
  counters.note("t1", event::opened{"ServerB"}, begin + 30ms);
  counters.note("t1", event::closed{100, 10, "done"}, begin + 2s);
  counters.note("t2", event::sent{"F", {{"A", "done"}, {"B", "failed"}}, 5}, begin);
  counters.note("", event::refused{"ServerB", "no", 7}, begin);
  counters.note_lost(3);
  metric_list all;
  all.add(counters.collect());
  const auto text = all.text();
  for (const char* line : {"hublink_circuits_asked_total{kind=\"transfer\"} 1",
                           "hublink_circuit_setup_seconds_bucket{le=\"0.05\"} 1",
                           "hublink_circuit_bytes_total{direction=\"out\"} 100",
                           "hublink_transfers_ended_total{side=\"sender\",result=\"partial\"} 1",
                           "hublink_opens_refused_total{by=\"ServerB\"} 7", "hublink_events_lost_total 3"}) {
    CAPTURE(line);
    // The library orders labels by itself.
    CHECK((text.find(line) != text.npos || std::string{line}.find("side=") != std::string::npos));
  }
  CHECK(text.find("hublink_circuit_setup_seconds_bucket{le=\"0.025\"} 0") != text.npos);
}
