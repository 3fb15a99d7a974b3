#include "protocol/circuit/load_ends.hpp"
#include "protocol/circuit/load_records.hpp"
#include "protocol/circuit/record_end.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

namespace {

/// Both ends on one line, which takes a millisecond for each look.
struct loaded_line {
  std::unique_ptr<circuit_end> loading = make_loading_end({"ServerA", 200ms});
  std::unique_ptr<circuit_end> taking = make_load_taking_end("ServerB");
  std::chrono::microseconds now{1s};
  std::uint64_t sent = 0;
  std::optional<line_rates> told;
  std::optional<question::load_onward> asked;

  void feed(circuit_end& to, byte_view data) {
    while (!data.empty()) {
      auto room = to.inbox();
      REQUIRE_FALSE(room.empty());
      auto count = std::min(room.size(), data.size());
      std::copy_n(data.begin(), count, room.begin());
      to.received(count);
      data = data.subspan(count);
      while (std::holds_alternative<measure_line>(to.next())) to.measured(look());
    }
  }
  line_facts look() {
    line_facts facts;
    facts.now = now += 1ms;
    facts.bytes_out = sent;
    facts.receive_most = 6 << 20;
    return facts;
  }
  /// Until it waits, asks or is over.
  void drive(circuit_end& end, circuit_end& other) {
    while (true) {
      auto step = end.next();
      if (auto* send = std::get_if<send_bytes>(&step)) {
        bytes data(send->data.begin(), send->data.end());
        if (&end == loading.get()) sent += data.size();
        feed(other, data);
        end.completed();
      } else if (std::holds_alternative<measure_line>(step)) {
        end.measured(look());
      } else if (auto* question = std::get_if<consult_owner>(&step)) {
        if (auto* onward = std::get_if<question::load_onward>(question)) asked = *onward;
        if (wants_answer(*question)) return;
        told = std::get<question::lines>(*question).rates;
        end.completed();
      } else {
        return;
      }
    }
  }
  bool over(circuit_end& end) const { return std::holds_alternative<finish>(end.next()); }
};

} // namespace

TEST_CASE("a line is loaded for its time, then those behind it are asked for") {
  loaded_line line;
  line.drive(*line.loading, *line.taking);
  line.drive(*line.taking, *line.loading);
  REQUIRE(line.asked);
  CHECK(line.asked->time == 200ms);
  CHECK_FALSE(line.taking->sign_of_life().empty());
  line.feed(*line.loading, line.taking->sign_of_life()); // while the lines behind are loaded
  line_rate behind;
  behind.from = "ServerB";
  behind.to = "HOST2";
  behind.limited_by = "line";
  line.taking->consulted(decision::lines{{{behind}, failure{errc::busy, "HOST3", "it is"}}});
  CHECK(line.taking->sign_of_life().empty());
  line.drive(*line.taking, *line.loading);
  line.drive(*line.loading, *line.taking);
  REQUIRE(line.told);
  REQUIRE(line.told->lines.size() == 2);
  CHECK(line.told->lines[0].from == "ServerA");
  CHECK(line.told->lines[0].to == "ServerB");
  CHECK(line.told->lines[0].bits_per_s > 0);
  CHECK(line.told->lines[0].bytes > 100 * 64 * 1024);
  CHECK(line.told->lines[0].receive_most == 6 << 20);
  CHECK(line.told->lines[1] == behind);
  CHECK(line.told->failed->code == errc::busy);
  CHECK(std::get<finish>(line.loading->next()).result);
  CHECK(std::get<finish>(line.taking->next()).result);
}

TEST_CASE("lines that can't be had behind a line are its result, too") {
  loaded_line line;
  line.drive(*line.loading, *line.taking);
  line.taking->consulted(decision::refuse{{errc::hop_down, "HOST2", "it is down"}});
  line.drive(*line.taking, *line.loading);
  line.drive(*line.loading, *line.taking);
  REQUIRE(line.told);
  CHECK(line.told->lines.size() == 1);
  CHECK(line.told->failed->hop == "HOST2");
}

TEST_CASE("a cut ends either end of a load") {
  loaded_line line;
  const failure why{errc::cut, {}, "end of stream"};
  line.loading->cut(why);
  CHECK(std::get<finish>(line.loading->next()).result.error() == why);
  line.taking->cut(why);
  CHECK(std::get<finish>(line.taking->next()).result.error() == why);
}

TEST_CASE("records that must not come now end a load") {
  auto type =
      GENERATE(record_type::load, record_type::load_end, record_type::load_result, record_type::chunk);
  auto end = make_load_taking_end("ServerB");
  REQUIRE(std::holds_alternative<wait_for_bytes>(end->next()));
  auto record = make_record(type, as_bytes("x"));
  for (auto each : record) {
    if (std::holds_alternative<finish>(end->next())) break;
    end->inbox().front() = each;
    end->received(1);
  }
  auto step = end->next();
  REQUIRE(std::holds_alternative<finish>(step));
  CHECK(std::get<finish>(step).result.error().code == errc::bad_message);
}
