/// Wall clocks that are set while something waits: see docs/internals/time.md. Stores have theirs in
/// store_test.
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

/// HOST1 sends to HOST2, which has a part of it.
struct under_way {
  lab net;

  under_way() {
    net.source("HOST1", "out/report", std::string(20'000, 'x'));
    net.start();
    net.begin("HOST1", "FILE01");
    REQUIRE(net.on.in.run_until([&] { return received(transfer_state::running); }, 20s));
  }
  const transfer_record* receiver() {
    for (const auto& [key, record] : net.on.at("HOST2").journal().durable().records)
      if (record.side == transfer_side::receiver) return &record;
    return nullptr;
  }
  bool received(transfer_state state) {
    auto* record = receiver();
    return record && record->state == state;
  }
};

} // namespace

TEST_CASE("what a receiver began outlives a clock that is weeks ahead", "[clock]") {
  under_way t;
  t.net.on.at("HOST1").crash(true);
  t.net.on.at("HOST2").set_clock(24h * 60);
  t.net.on.in.run_for(3h); // it looks every hour for what nobody goes on with
  CHECK(t.received(transfer_state::queued));
  t.net.on.at("HOST2").crash(true);
  t.net.on.at("HOST2").start();
  t.net.on.in.run_for(1min);
  CHECK(t.received(transfer_state::queued));
  t.net.on.at("HOST2").set_clock(0s);
  t.net.on.at("HOST1").start();
  CHECK(t.net.on.in.run_until([&] { return t.received(transfer_state::done); }, 3min));
  CHECK(joined(t.net.account()) == "");
}

TEST_CASE("a sender between two attempts goes on in time, wherever its clock is set", "[clock]") {
  auto jump = GENERATE(as<duration>{}, -1h, -20h, 1h, 20h);
  under_way t;
  t.net.on.at("HOST2").crash(true);
  t.net.on.in.run_for(200ms);
  t.net.on.at("HOST1").set_clock(jump);
  t.net.on.at("HOST2").start();
  t.net.on.in.run_for(1s);
  CHECK(t.net.on.in.run_until([&] { return t.received(transfer_state::done); }, 90s));
  t.net.on.at("HOST1").set_clock(0s);
  CHECK(joined(t.net.account()) == "");
}
