/// Many sends to a receiver that is silent or down, and what is left for the others.
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

#include <set>

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

struct queue_lab : lab {
  /// C1 sends: `count` files to C2, whose sends are tried again every `every_s`, and OK to C3.
  queue_lab(int count, const std::string& retry) : lab(1, topology(count, retry)), count(count) {
    for (int i = 0; i < count; ++i) source("C1", "out/" + name(i), name(i));
    source("C1", "out/OK", "fine");
    start();
    transfer("C1", "OK"); // links are up
  }
  static std::string name(int number) {
    auto digits = std::to_string(number);
    return "D" + std::string(4 - digits.size(), '0') + digits;
  }
  static std::string topology(int count, const std::string& retry) {
    auto graph = chain(3);
    for (int i = 0; i < count; ++i) graph.files.push_back({name(i), 1, 2, retry});
    graph.files.push_back({"OK", 1, 3, {}});
    return to_topology(graph);
  }
  void begin_all() {
    for (int i = 0; i < count; ++i) begin("C1", name(i));
  }
  duration time_of_a_healthy_send() {
    auto begun = on.in.now();
    CHECK(transfer("C1", "OK").state == transfer_state::done);
    return on.in.now() - begun;
  }
  /// Attempts for C2 that S1 was asked for.
  std::size_t attempts() const {
    std::size_t found = 0;
    for (const auto& entry : on.events.all())
      if (auto* what = std::get_if<event::told>(&entry.what))
        found += entry.node == "S1" && what->from == "C1" && what->file != "OK";
    return found;
  }
  /// Of the sends to C2: those that have ended, or are done.
  int ended() { return look(), ended_; }
  int done() { return look(), done_; }
  int count;

 private:
  void look() {
    const auto& all = on.events.all();
    for (; seen_ < all.size(); ++seen_)
      if (auto* what = std::get_if<event::sent>(&all[seen_].what); what && what->receivers.count("C2")) {
        ++ended_;
        done_ += what->receivers.at("C2") == "done";
      }
  }

  std::size_t seen_ = 0; ///< events
  int ended_ = 0, done_ = 0;
};

/// Clients of all servers but the last one's send to that one's, by FROM1, FROM2 and so on, a minute apart.
struct far_lab : lab {
  far_lab(std::uint64_t seed, int servers, const std::string& retry)
      : lab(seed, topology(servers, retry)), receiver("C" + std::to_string(servers)), senders(servers - 1) {
    for (int i = 1; i <= senders; ++i) source("C" + std::to_string(i), "out/" + name(i), name(i));
    start();
  }
  static std::string name(int number) { return "FROM" + std::to_string(number); }
  static std::string topology(int servers, const std::string& retry) {
    auto graph = chain(servers);
    for (int i = 1; i < servers; ++i) graph.files.push_back({name(i), i, servers, retry});
    return to_topology(graph);
  }
  void begin_all() {
    for (int i = 1; i <= senders; ++i) begin("C" + std::to_string(i), name(i));
  }
  template <class Event>
  std::vector<std::int64_t> times(const std::string& node) const {
    std::vector<std::int64_t> found;
    for (const auto& entry : on.events.all())
      if (std::holds_alternative<Event>(entry.what) && (node.empty() || entry.node == node))
        found.push_back(entry.time.count());
    return found;
  }
  int done() const {
    int found = 0;
    for (const auto& entry : on.events.all())
      if (auto* what = std::get_if<event::sent>(&entry.what)) found += what->receivers.at(receiver) == "done";
    return found;
  }
  std::string receiver;
  int senders;
};

const std::string once_a_minute = R"(, "retry": {"count": 1000, "every_s": 60})";
const std::string tenacious = R"(, "retry": {"count": 1000, "every_s": 5})";

} // namespace

TEST_CASE("sends to a silent receiver hold up nobody else, now and later", "[lanes]") {
  queue_lab net{300, tenacious};
  auto usual = net.time_of_a_healthy_send();
  net.on.net.set_line("S2", "C2", line_state::silent);
  net.begin_all();
  CHECK(net.time_of_a_healthy_send() <= usual + 1s);
  for (int i = 0; i < 10; ++i) {
    net.on.in.run_for(7s);
    CHECK(net.time_of_a_healthy_send() <= usual + 1s);
  }
  CHECK(net.attempts() < 40); // one every five seconds, and one a second while all are new
  net.on.net.all_lines_up();
  REQUIRE(net.on.in.run_until([&] { return net.done() == net.count; }, 60s));
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a receiver that is down costs one attempt every pause, and its return brings all, oldest first",
          "[lanes]") {
  queue_lab net{100, tenacious};
  net.on.at("C2").crash(true);
  net.begin_all();
  net.on.in.run_for(10s);
  auto before = net.attempts();
  net.on.in.run_for(100s);
  CHECK(net.attempts() - before <= 21);
  net.on.at("C2").start();
  REQUIRE(net.on.in.run_until([&] { return net.done() == net.count; }, 60s));
  CHECK(joined(net.account()) == "");
}

TEST_CASE("sends to a receiver that is down end when their own count is up, with its reason", "[lanes]") {
  queue_lab net{50, R"(, "retry": {"count": 3, "every_s": 5})"};
  net.on.at("C2").crash(true);
  net.begin_all();
  auto begun = net.on.in.now();
  REQUIRE(net.on.in.run_until([&] { return net.ended() == net.count; }, 60s));
  CHECK(net.on.in.now() - begun >= 15s);
  CHECK(net.attempts() <= 4 + 3); // one a second while all are new
  net.on.at("C2").start();
  CHECK(joined(net.account()) == "");
}

TEST_CASE("who waits hears over all hubs that its receiver is back, and goes within a second", "[lanes]") {
  const auto seed = std::uint64_t(GENERATE(range(1, 9)));
  CAPTURE(seed);
  far_lab net{seed, 4, once_a_minute};
  net.on.at("C4").crash(true);
  net.begin_all();
  net.on.in.run_for(10s + std::chrono::milliseconds(seed * 137));
  CHECK(net.done() == 0);
  net.on.at("C4").start();
  auto back = net.on.in.now();
  REQUIRE(net.on.in.run_until([&] { return net.done() > 0; }, 60s));
  CHECK(net.on.in.now() - back <= 1s);
  REQUIRE(net.on.in.run_until([&] { return net.done() == net.senders; }, 60s));
  CHECK(net.on.in.now() - back <= 2s);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("who waits hears that a hub on the way is back", "[lanes]") {
  far_lab net{1, 3, once_a_minute};
  net.on.at("S3").crash(true);
  net.begin_all();
  net.on.in.run_for(10s);
  net.on.at("S3").start();
  auto back = net.on.in.now();
  // Somebody asks over it: nobody dials a hub to see whether it is there.
  net.on.in.run_for(1s);
  net.on.ping("C1", "C3");
  REQUIRE(net.on.in.run_until([&] { return net.done() == net.senders; }, 60s));
  CHECK(net.on.in.now() - back <= 4s);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("the many who wait for one do not come all in the same instant", "[lanes]") {
  far_lab net{3, 24, once_a_minute};
  net.on.at("C24").crash(true);
  net.begin_all();
  net.on.in.run_for(15s);
  const auto before = net.times<event::told>("S24").size();
  net.on.at("C24").start();
  REQUIRE(net.on.in.run_until([&] { return net.done() == net.senders; }, 60s));
  auto came = net.times<event::told>("S24");
  came.erase(came.begin(), came.begin() + std::ptrdiff_t(before));
  CHECK(came.size() <= 2 * std::size_t(net.senders));
  const auto instants = std::set(came.begin(), came.end()).size();
  CHECK(instants >= std::size_t(net.senders) / 2);
  CHECK(joined(net.account()) == "");
}

TEST_CASE("a hub that falls silent on one of two ways holds up nobody for long", "[lanes]") {
  auto graph = ring(4);
  for (int i = 0; i < 12; ++i) graph.files.push_back({"F" + std::to_string(i), 1, i % 2 ? 2 : 3, {}});
  lab net{1, to_topology(graph)};
  for (int i = 0; i < 12; ++i) net.source("C1", "out/F" + std::to_string(i), std::to_string(i));
  net.start();
  auto before = net.on.in.now();
  net.transfer("C1", "F1");
  const auto usual = net.on.in.now() - before;
  net.on.net.set_line("S1", "S2", line_state::silent);
  net.begin("C1", "F1"); // it finds out
  net.on.in.run_for(6s);
  for (int i = 2; i < 12; ++i) {
    auto begun = net.on.in.now();
    CHECK(net.transfer("C1", "F" + std::to_string(i)).state == transfer_state::done);
    CHECK(net.on.in.now() - begun <= usual + 1s);
  }
  net.on.net.all_lines_up();
  net.on.in.run_for(2min);
  CHECK(net.transfer("C1", "F1").state == transfer_state::done);
}
