#include "protocol/base/cbor_fields.hpp"
#include "protocol/circuit/load_records.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

namespace {

line_rate some_line(const std::string& from, const std::string& to) {
  line_rate line;
  line.from = from;
  line.to = to;
  line.micros = 10'000'000;
  line.bytes = 125'000'000;
  line.bits_per_s = 100'000'000;
  line.round_trip_micros = 24'000;
  line.least_round_trip_micros = 20'000;
  line.segments_out = 86'000;
  line.retransmitted = 12;
  line.lost_ppm = 139;
  line.window = 1;
  line.peer_window = 2;
  line.send_most = 3;
  line.receive_most = 4;
  line.sender_cpu_percent = 5;
  line.receiver_cpu_percent = 6;
  line.congestion = "bbr";
  line.limited_by = "line";
  return line;
}

} // namespace

TEST_CASE("a load's first record says how long it takes, within bounds") {
  CHECK(decode_load_begin(encode(load_begin{10s}))->time == 10s);
  CHECK(decode_load_begin(encode(load_begin{least_load})));
  CHECK(decode_load_begin(encode(load_begin{most_load})));
  CHECK_FALSE(decode_load_begin(encode(load_begin{most_load + 1ms})));
  CHECK_FALSE(decode_load_begin(encode(load_begin{least_load - 1ms})));
  CHECK_FALSE(decode_load_begin(as_bytes("no map")));
}

TEST_CASE("a load's result comes back as it was") {
  load_result result;
  result.taken = {"ServerB", 125'000'000, 6 << 20, 31};
  result.behind.lines = {some_line("ServerB", "ServerC"), some_line("ServerC", "HOST2")};
  result.behind.failed = failure{errc::hop_down, "HOST2", "it is down"};
  auto read = decode_load_result(encode(result));
  REQUIRE(read);
  CHECK(read->taken.node == "ServerB");
  CHECK(read->taken.bytes == 125'000'000);
  CHECK(read->taken.receive_most == 6 << 20);
  CHECK(read->taken.cpu_percent == 31);
  CHECK(read->behind == result.behind);
}

TEST_CASE("a load's result with what is no line is refused") {
  auto map = *cbor::parse_map(encode(load_result{{"ServerB", 1, 2, 3}, {{some_line("A", "B")}, {}}}));
  REQUIRE(decode_load_result(cbor::to_bytes(map)));
  auto without = map;
  without["lines"][0].erase("bits_per_s");
  CHECK_FALSE(decode_load_result(cbor::to_bytes(without)));
  auto number = map;
  number["lines"][0] = 7;
  CHECK_FALSE(decode_load_result(cbor::to_bytes(number)));
  auto nameless = map;
  nameless["lines"][0]["from"] = "";
  CHECK_FALSE(decode_load_result(cbor::to_bytes(nameless)));
  auto many = map;
  for (std::size_t i = 0; i < most_lines; ++i) many["lines"].push_back(map["lines"][0]);
  CHECK_FALSE(decode_load_result(cbor::to_bytes(many)));
}
