/// The simulated network itself, with a probe in the place of the actors.
#include "simulation/network/probe.hpp"
#include "simulation/sim/sim_plane.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

struct two_nodes {
  explicit two_nodes(std::uint64_t seed = 1) : in(seed, true), net(in) {
    net.place("A", *endpoint::parse("127.0.0.1:1"));
    net.place("B", at_b);
    a.listen(at_a_probe.as<link_acceptor>());
    b.listen(at_b_probe.as<link_acceptor>());
  }
  ~two_nodes() { in.forget_events(); }

  static hello greeting(const char* name, std::uint64_t incarnation) {
    hello result;
    result.name = name;
    result.incarnation = incarnation;
    return result;
  }
  /// A's circuit attached to one of B, both with one side.
  std::pair<circuit_id, circuit_id> circuit() {
    auto far = b.make_circuit(at_b_probe.as<circuit_owner>());
    auto near = a.make_circuit(at_a_probe.as<circuit_owner>());
    a.attach(near, side::far, {at_b}, b.expect(far, side::near));
    REQUIRE(in.run_until([&] { return at_a_probe->sides.size() == 1; }, 1s));
    return {near, far};
  }
  link_id linked() {
    auto id = a.dial({at_b}, "B", at_a_probe.as<link_owner>());
    REQUIRE(in.run_until([&] { return !at_a_probe->ups.empty() && !at_b_probe->ups.empty(); }, 1s));
    return id;
  }

  world in;
  network net;
  endpoint at_b = *endpoint::parse("127.0.0.1:2");
  sim_plane a{net, greeting("A", 1)}, b{net, greeting("B", 2)};
  probe at_a_probe{in}, at_b_probe{in};
};

} // namespace

TEST_CASE("a link comes up at both ends, and is read once adopted", "[plane]") {
  two_nodes on;
  auto id = on.linked();
  auto up = on.at_b_probe->ups.front();
  CHECK(on.at_a_probe->ups.front().incarnation == 2);
  CHECK(up.peer == "A");
  CHECK_FALSE(up.dialled);

  on.a.send(id, beat{});
  on.a.send(id, drain{});
  on.in.run_for(1s);
  CHECK(on.at_b_probe->messages.empty());
  on.b.adopt(up.id, on.at_b_probe.as<link_owner>());
  on.in.run_for(1s);
  REQUIRE(on.at_b_probe->messages.size() == 2);
  CHECK(std::holds_alternative<beat>(on.at_b_probe->messages[0].message));

  on.b.hang_up(up.id);
  on.in.run_for(1s);
  CHECK(on.at_a_probe->downs.size() == 1);
  CHECK(on.at_b_probe->downs.empty());
  CHECK(on.a.links() + on.b.links() == 0);
}

TEST_CASE("a dial fails with what is wrong", "[plane]") {
  two_nodes on;
  SECTION("nobody is there") {
    on.a.dial({*endpoint::parse("127.0.0.9:9")}, "C", on.at_a_probe.as<link_owner>());
    on.in.run_for(dial_timeout);
  }
  SECTION("somebody else is there") {
    on.a.dial({on.at_b}, "C", on.at_a_probe.as<link_owner>());
    on.in.run_for(200ms);
    CHECK(on.at_a_probe->downs.at(0).why.code == errc::not_authorised);
  }
  SECTION("it refuses") {
    on.net.set_line("A", "B", line_state::refusing);
    on.a.dial({on.at_b}, "B", on.at_a_probe.as<link_owner>());
    on.in.run_for(200ms);
  }
  SECTION("the line is silent") {
    on.net.set_line("A", "B", line_state::silent);
    on.a.dial({on.at_b}, "B", on.at_a_probe.as<link_owner>());
    on.in.run_for(dial_timeout);
  }
  CHECK(on.at_a_probe->ups.empty());
  CHECK(on.at_a_probe->downs.size() == 1);
}

TEST_CASE("a cut is told at both ends, silence to nobody", "[plane]") {
  two_nodes on;
  on.linked();
  on.b.adopt(on.at_b_probe->ups.front().id, on.at_b_probe.as<link_owner>());
  SECTION("cut") {
    on.net.cut("A", "B");
    on.in.run_for(1s);
    CHECK(on.at_a_probe->downs.size() == 1);
    CHECK(on.at_b_probe->downs.size() == 1);
  }
  SECTION("silence, and what was said arrives when it is over") {
    on.net.set_line("A", "B", line_state::silent);
    on.a.send(on.at_a_probe->ups.front().id, beat{});
    on.in.run_for(1min);
    CHECK(on.at_a_probe->downs.empty());
    CHECK(on.at_b_probe->messages.empty());
    on.net.set_line("A", "B", line_state::up);
    on.in.run_for(longest_back_off + 1s);
    CHECK(on.at_b_probe->messages.size() == 1);
  }
  SECTION("a crash resets") {
    on.b.crash(true);
    on.in.run_for(1s);
    CHECK(on.at_a_probe->downs.size() == 1);
    CHECK(on.at_b_probe->downs.empty());
  }
  SECTION("a power failure shows only when the node is back") {
    on.b.crash(false);
    on.a.send(on.at_a_probe->ups.front().id, beat{});
    on.in.run_for(1min);
    CHECK(on.at_a_probe->downs.empty());
    sim_plane again{on.net, two_nodes::greeting("B", 3)};
    again.listen(on.at_b_probe.as<link_acceptor>());
    on.in.run_for(longest_back_off + 1s);
    CHECK(on.at_a_probe->downs.size() == 1);
  }
}

TEST_CASE("a token opens one circuit, once, in time", "[plane]") {
  two_nodes on;
  auto wanted = on.b.make_circuit(on.at_b_probe.as<circuit_owner>());
  auto key = on.b.expect(wanted, side::near);
  auto mine = on.a.make_circuit(on.at_a_probe.as<circuit_owner>());
  SECTION("claimed") {
    on.a.attach(mine, side::far, {on.at_b}, key);
    on.in.run_for(1s);
    CHECK(on.at_a_probe->sides.size() == 1);
    CHECK(on.at_b_probe->sides.size() == 1);
    auto again = on.a.make_circuit(on.at_a_probe.as<circuit_owner>());
    on.a.attach(again, side::far, {on.at_b}, key);
    on.in.run_for(1s);
    REQUIRE(on.at_a_probe->ends.size() == 1);
    CHECK(on.at_a_probe->ends[0].result.error().code == errc::bad_token);
  }
  SECTION("never claimed") {
    on.in.run_for(token_lifetime + 1ms);
    REQUIRE(on.at_b_probe->ends.size() == 1);
    CHECK(on.at_b_probe->ends[0].result.error().code == errc::timed_out);
  }
  SECTION("wrong") {
    key[7] ^= std::byte{1};
    on.a.attach(mine, side::far, {on.at_b}, key);
    on.in.run_for(1s);
    CHECK(on.at_a_probe->ends.size() == 1);
    CHECK(on.b.circuits() == 1);
  }
}

TEST_CASE("both owners of a circuit learn of its end", "[plane]") {
  two_nodes on;
  auto [near, far] = on.circuit();
  SECTION("closed by one") { on.a.close(near, {errc::cancelled, {}, "enough"}); }
  SECTION("cut") { on.net.cut("A", "B"); }
  SECTION("silent for too long") {
    on.net.set_line("A", "B", line_state::silent);
    on.in.run_for(user_timeout);
  }
  on.in.run_for(1s);
  CHECK(on.at_a_probe->ends.size() == 1);
  CHECK(on.at_b_probe->ends.size() == 1);
  CHECK(on.a.circuits() + on.b.circuits() == 0);
}

TEST_CASE("the same seed gives the same run, another seed another", "[plane]") {
  auto run = [](std::uint64_t seed) {
    two_nodes on{seed};
    on.circuit();
    on.linked();
    on.net.cut("A", "B");
    on.in.run_for(1min);
    return on.in.trace_hash();
  };
  CHECK(run(5) == run(5));
  CHECK(run(5) != run(6));
}
