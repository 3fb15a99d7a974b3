#include "node/metrics/event_counters.hpp"
#include "node/metrics/metric_text.hpp"

#include "documents.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

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
  counters.note("t1", event::next{.host = "HOST2", .address = {}, .hop = "ServerB", .dialled = "", .by = "route"}, begin);
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

TEST_CASE("what failed is counted by its code, and attempts by their search") {
  event_counters counters;
  const event_counters::clock::time_point begin{1h};
  const auto asks = [&](const char* open_id, const char* came_by,
                        circuit_kind kind = circuit_kind::transfer) {
    event::next what{.host = "HOST2", .address = {}, .hop = "ServerB", .dialled = "", .by = "route"};
    what.of = {open_id, came_by, "leg", false, kind};
    counters.note("t1", what, begin);
  };
  asks("aa", "aa"); // the first attempt, with an alternative
  asks("aa", "aa");
  asks("bb", "bb"); // another one
  asks("cc", "dd"); // a relay's part
  asks("ee", "ee", circuit_kind::ping);
  event::refused no{"ServerB", "no", {}, errc::no_route};
  counters.note("t1", no, begin);
  event::sent over{"F", {{"A", "failed"}}, 5};
  over.code = errc::file_missing;
  counters.note("t1", over, begin);
  over.receivers = {{"A", "done"}};
  counters.note("t1", over, begin); // its job went wrong: that is no code of the transfer
  event::closed broke{1, 1, "failed"};
  broke.given_up = errc::superseded;
  counters.note("t2", broke, begin);
  counters.note_commit(3ms);
  counters.note_spans("dropped", 7);
  counters.measure_by([](metric_list& to) { to.gauge("hublink_more", "More.", 4); });
  metric_list all;
  all.add(counters.collect());
  counters.measure(all);
  const auto text = all.text();
  const auto has = [&](const std::string& name, std::vector<std::string> labels, const std::string& value) {
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with(name + "{") && line.ends_with("} " + value) &&
          std::ranges::count(line, '=') == std::ptrdiff_t(labels.size()) &&
          std::ranges::all_of(labels, [&](const auto& each) { return line.find(each) != line.npos; }))
        return true;
    return false;
  };
  CHECK_THAT(text, Catch::Contains("hublink_transfer_attempts_total 2\n"));
  CHECK(has("hublink_opens_refused_total", {"by=\"ServerB\"", "code=\"no-route\""}, "1"));
  CHECK(has("hublink_transfers_ended_total",
            {"side=\"sender\"", "result=\"failed\"", "code=\"file-missing\""}, "1"));
  CHECK(has("hublink_transfers_ended_total", {"side=\"sender\"", "result=\"done\""}, "1"));
  CHECK(has("hublink_transfers_ended_total",
            {"side=\"receiver\"", "result=\"superseded\"", "code=\"superseded\""}, "1"));
  CHECK(has("hublink_spans_total", {"result=\"dropped\""}, "7"));
  CHECK_THAT(text, Catch::Contains("hublink_journal_commit_seconds_count 1\n"));
  CHECK_THAT(text, Catch::Contains("hublink_more 4\n"));
}
