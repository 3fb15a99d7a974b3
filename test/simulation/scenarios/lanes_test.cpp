/// Many sends to a receiver that is silent or down, and what is left for the others.
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

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
