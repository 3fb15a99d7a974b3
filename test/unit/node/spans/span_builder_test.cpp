/// Events become spans: names, parents, times, ends.
#include "node/spans/span_builder.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace hublink;
using namespace std::chrono_literals;

namespace {

const transfer_id span_journey = "0123456789abcdef0123456789abcdef";
const std::string span_search = "00000000000000aa", first_leg = "0000000000000011",
                  second_leg = "0000000000000022";

span::time moment(std::chrono::milliseconds after) { return span::time{} + 1'700'000'000s + after; }

event::circuit_mark span_mark(std::string came_by, std::string goes_by = {}, bool is_branch = false) {
  return {span_search, std::move(came_by), std::move(goes_by), is_branch, circuit_kind::transfer};
}

event::told leg_told(const std::string& leg) {
  event::told what;
  what.from = "HOST1";
  what.file = "FILE01";
  what.destination = {"HOST2"};
  what.of = span_mark(leg);
  return what;
}

event::next leg_asked(const std::string& came_by, const std::string& leg, bool is_branch = false) {
  event::next what{.host = "HOST2", .address = {}, .hop = "ServerB", .dialled = "127.1.2.1:40000", .by = "route"};
  what.of = span_mark(came_by, leg, is_branch);
  what.file = "FILE01";
  return what;
}

event::opened leg_opened(const event::circuit_mark& of) { return {"ServerB", of}; }

event::closed part_closed(const event::circuit_mark& of, const char* result = "done") {
  return {100, 10, result, of.is_branch ? std::optional<std::string>{"ServerB"} : std::nullopt, of};
}

event::refused leg_refused(const event::circuit_mark& of) {
  return {"ServerB", "no way (at ServerB)", {}, errc::no_route, of};
}

std::map<std::string, span> spans_by_name(span_builder& from) {
  std::map<std::string, span> found;
  for (auto& each : from.take()) {
    CHECK(found.count(each.name) == 0);
    CHECK(each.trace == span_journey);
    CHECK(each.id.size() == 16);
    CHECK(each.begin <= each.end);
    found.emplace(each.name, std::move(each));
  }
  return found;
}

std::string attribute_text(const span& of, const std::string& key) {
  for (const auto& [name, value] : of.attributes)
    if (name == "hublink." + key) return std::get<std::string>(value);
  return {};
}

} // namespace

TEST_CASE("a relay's events become a hop, the leg behind it, and its parts") {
  span_builder relay;
  relay.note(span_journey, leg_told(first_leg), moment(0ms));
  relay.note(span_journey, leg_asked(first_leg, second_leg), moment(1ms));
  relay.note(span_journey, leg_opened(span_mark(first_leg, second_leg)), moment(5ms));
  CHECK(relay.take().empty());
  relay.note(span_journey, part_closed(span_mark(first_leg, second_leg)), moment(90ms));
  auto found = spans_by_name(relay);
  REQUIRE(found.size() == 4);
  const auto& hop = found.at("transfer hop");
  const auto& leg = found.at("leg");
  CHECK(hop.parent == first_leg); // the asker's leg
  CHECK(hop.kind == span::side::server);
  CHECK(leg.id == second_leg);
  CHECK(leg.parent == hop.id);
  CHECK(leg.kind == span::side::client);
  CHECK(found.at("set-up").parent == leg.id);
  CHECK(found.at("carry").parent == leg.id);
  CHECK((hop.begin == moment(0ms) && hop.end == moment(90ms)));
  CHECK((leg.begin == moment(1ms) && leg.end == moment(90ms)));
  CHECK((found.at("set-up").begin == moment(1ms) && found.at("set-up").end == moment(5ms)));
  CHECK((found.at("carry").begin == moment(5ms) && found.at("carry").end == moment(90ms)));
  CHECK(attribute_text(hop, "from") == "HOST1");
  CHECK(attribute_text(leg, "hop") == "ServerB");
  CHECK_FALSE(hop.error);
}

TEST_CASE("spans of both sides of a leg meet") {
  span_builder asker, asked;
  asker.note(span_journey, leg_asked(span_search, first_leg), moment(0ms));
  asked.note(span_journey, leg_told(first_leg), moment(1ms));
  asked.note(span_journey, part_closed(span_mark(first_leg)), moment(9ms));
  asker.note(span_journey, part_closed(span_mark(span_search, first_leg)), moment(10ms));
  auto here = spans_by_name(asker), there = spans_by_name(asked);
  CHECK(here.at("transfer attempt").id == span_search);
  CHECK(here.at("leg").parent == span_search);
  CHECK(there.at("transfer hop").parent == here.at("leg").id);
  CHECK(there.at("transfer hop").id != here.at("leg").id);
}

TEST_CASE("a sender's attempts belong to its transfer, which is a root") {
  span_builder sender;
  sender.note(span_journey, leg_asked(span_search, first_leg), moment(10ms));
  sender.note(span_journey, part_closed(span_mark(span_search, first_leg)), moment(50ms));
  event::sent over{"FILE01", {{"HOST2", "done"}}, 100};
  over.began_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(moment(2ms).time_since_epoch()).count();
  sender.note(span_journey, over, moment(60ms));
  auto found = spans_by_name(sender);
  const auto& whole = found.at("send");
  CHECK(whole.parent.empty());
  CHECK((whole.begin == moment(2ms) && whole.end == moment(60ms)));
  CHECK_FALSE(whole.error);
  CHECK(found.at("transfer attempt").parent == whole.id);

  over.is_last = false;
  sender.note(span_journey, over, moment(70ms));
  CHECK(sender.take().empty());
  over.is_last = true;
  over.receivers["HOST3"] = "failed";
  sender.note(span_journey, over, moment(80ms));
  CHECK(spans_by_name(sender).at("send").error == "1 of 2 receivers have not got it");
}

TEST_CASE("other circuits than transfers are roots of their own") {
  span_builder node;
  auto asks = leg_asked(span_search, first_leg);
  asks.of.kind = circuit_kind::ping;
  node.note(span_journey, asks, moment(0ms));
  node.note(span_journey, part_closed(asks.of), moment(1ms));
  CHECK(spans_by_name(node).at("ping attempt").parent.empty());
}

TEST_CASE("what was refused ends there, unless it is gone on with") {
  span_builder relay;
  relay.note(span_journey, leg_told(first_leg), moment(0ms));
  relay.note(span_journey, leg_asked(first_leg, second_leg), moment(1ms));
  relay.note(span_journey, leg_refused(span_mark(first_leg, second_leg)), moment(2ms));
  const std::string third_leg = "0000000000000033";
  SECTION("nothing follows") {
    relay.settle(moment(2ms) + span_builder::quiet - 1ms);
    CHECK(relay.take().empty());
    relay.settle(moment(2ms) + span_builder::quiet);
    auto found = spans_by_name(relay);
    REQUIRE(found.size() == 3); // it never carried anything
    CHECK(found.at("transfer hop").error == "no way (at ServerB)");
    CHECK(found.at("transfer hop").end == moment(2ms));
    CHECK(found.at("set-up").error == found.at("leg").error);
  }
  SECTION("another way is taken") {
    relay.note(span_journey, leg_asked(first_leg, third_leg), moment(3ms));
    relay.note(span_journey, leg_opened(span_mark(first_leg, third_leg)), moment(4ms));
    relay.settle(moment(100s));
    for (const auto& each : relay.take()) {
      CHECK(each.id != third_leg);
      CHECK(each.name != "transfer hop");
    }
    relay.note(span_journey, part_closed(span_mark(first_leg, third_leg)), moment(200s));
    auto found = spans_by_name(relay);
    CHECK(found.at("leg").id == third_leg);
    CHECK_FALSE(found.at("transfer hop").error);
  }
  SECTION("the same hop is asked once more") {
    relay.note(span_journey, leg_asked(first_leg, second_leg), moment(3ms));
    relay.note(span_journey, leg_opened(span_mark(first_leg, second_leg)), moment(4ms));
    relay.note(span_journey, part_closed(span_mark(first_leg, second_leg)), moment(5ms));
    CHECK(spans_by_name(relay).size() == 4); // no id is there twice
  }
}

TEST_CASE("who refuses at once has a span of no length") {
  span_builder node;
  auto asked = leg_told(first_leg);
  asked.no = failure{errc::not_authorised, "ServerA", "HOST1 may not"};
  node.note(span_journey, asked, moment(1ms));
  auto found = spans_by_name(node);
  CHECK(found.at("transfer hop").error == "HOST1 may not");
  CHECK(attribute_text(found.at("transfer hop"), "code") == "not-authorised");
}

TEST_CASE("what nobody waits for any more ends without a word") {
  span_builder relay;
  relay.note(span_journey, leg_told(first_leg), moment(0ms));
  relay.note(span_journey, leg_asked(first_leg, second_leg), moment(1ms));
  relay.settle(moment(1ms) + span_builder::longest_search);
  auto found = spans_by_name(relay);
  CHECK(found.size() == 3);
  CHECK(found.at("transfer hop").error);
}

TEST_CASE("branches of a broadcast end by themselves, and so does the circuit that feeds them") {
  span_builder point;
  const std::string third_leg = "0000000000000033";
  point.note(span_journey, leg_told(first_leg), moment(0ms));
  point.note(span_journey, leg_asked(first_leg, second_leg, true), moment(1ms));
  point.note(span_journey, leg_refused(span_mark(first_leg, second_leg, true)), moment(2ms));
  point.note(span_journey, leg_asked(first_leg, third_leg, true), moment(3ms));
  point.note(span_journey, leg_opened(span_mark(first_leg, third_leg, true)), moment(4ms));
  point.settle(moment(60s));
  CHECK(point.take().size() == 2); // the refused one and its set-up: the hop goes on
  SECTION("the branch ends first") {
    point.note(span_journey, part_closed(span_mark(first_leg, third_leg, true)), moment(70s));
    auto branch = spans_by_name(point);
    CHECK(branch.count("transfer hop") == 0);
    point.note(span_journey, part_closed(span_mark(first_leg), "partial"), moment(71s));
    CHECK(branch.at("leg").parent == spans_by_name(point).at("transfer hop").id);
  }
  SECTION("the feeding circuit ends first") {
    point.note(span_journey, part_closed(span_mark(first_leg), "partial"), moment(70s));
    const auto hop = spans_by_name(point).at("transfer hop").id;
    point.note(span_journey, part_closed(span_mark(first_leg, third_leg, true), "cut"), moment(90s));
    auto branch = spans_by_name(point);
    CHECK(branch.at("leg").parent == hop);
    CHECK(branch.at("leg").error == "the circuit was cut");
  }
}

TEST_CASE("publishing and jobs hang where they belong") {
  span_builder receiver;
  receiver.note(span_journey, leg_told(first_leg), moment(0ms));
  event::received published{"FILE01", "in/FILE01", 100, "xxh128:00", "HOST1"};
  published.of = span_mark(first_leg);
  published.began = moment(5ms);
  receiver.note(span_journey, published, moment(8ms));
  event::job job{"FILE01", "post_receive", "failed", "ended with 3"};
  receiver.note(span_journey, part_closed(span_mark(first_leg)), moment(9ms));
  receiver.note(span_journey, job, moment(20ms));
  auto found = spans_by_name(receiver);
  const auto& hop = found.at("transfer hop");
  CHECK(found.at("publish").parent == hop.id);
  CHECK(found.at("publish").begin == moment(5ms));
  CHECK(found.at("job post_receive").parent == hop.id);
  CHECK(found.at("job post_receive").error == "ended with 3");

  job.job = "pre_send";
  job.result = "done";
  receiver.note(span_journey, job, moment(21ms));
  receiver.note(span_journey, event::sent{"FILE01", {{"HOST2", "done"}}, 1}, moment(22ms));
  auto sender = spans_by_name(receiver);
  CHECK(sender.at("job pre_send").parent == sender.at("send").id);
}

TEST_CASE("what is of no transfer, or unmarked, makes no span") {
  span_builder node;
  node.note({}, event::login{{"ServerA", "op", {}}}, moment(0ms));
  node.note({}, event::refused{"ServerA", "118 more", 118}, moment(0ms));
  node.note("no id", leg_told(first_leg), moment(0ms));
  node.note(span_journey, event::told{}, moment(0ms));
  node.note(span_journey, event::closed{1, 2, "done"}, moment(0ms));
  node.settle(moment(1h));
  CHECK(node.take().empty());
}

TEST_CASE("so many are open at a time, and the oldest are forgotten") {
  span_builder node{10};
  for (int i = 0; i < 25; ++i)
    node.note(span_journey, leg_told(std::to_string(1'000'000'000'000'000 + i)), moment(1ms * i));
  CHECK(node.take_forgotten() == 15);
  CHECK(node.take_forgotten() == 0);
  for (int i = 0; i < 25; ++i)
    node.note(span_journey, part_closed(span_mark(std::to_string(1'000'000'000'000'000 + i))), moment(1s));
  std::set<std::string> ids;
  for (const auto& each : node.take()) ids.insert(each.id);
  CHECK(ids.size() == 10);
}
