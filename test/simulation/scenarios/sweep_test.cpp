/// One fault at every moment of one transfer: each state of each actor is hit, and the transfer still ends
/// once and rightly.
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

/// A transfer over these delays takes about 600 ms.
constexpr duration last_moment = 700ms;

struct fault {
  std::string name;
  std::function<void(universe&)> happen;
};

std::vector<fault> line_faults() {
  std::vector<fault> all;
  for (auto ends :
       {std::pair{"HOST1", "ServerA"}, std::pair{"ServerA", "ServerB"}, std::pair{"ServerB", "HOST2"}}) {
    const auto* a = ends.first; // clang 14 captures no structured bindings
    const auto* b = ends.second;
    auto line = std::string{a} + "-" + b;
    all.push_back({"cut " + line, [a, b](universe& on) { on.net.cut(a, b); }});
    all.push_back(
        {"silence for ever on " + line, [a, b](universe& on) { on.net.set_line(a, b, line_state::silent); }});
    all.push_back({"12 s of silence on " + line, [a, b](universe& on) {
                     on.net.set_line(a, b, line_state::silent);
                     on.in.after(12s, [&on, a, b] { on.net.set_line(a, b, line_state::up); });
                   }});
  }
  return all;
}

std::vector<fault> node_faults() {
  std::vector<fault> all;
  for (std::string name : {"HOST1", "ServerA", "ServerB", "HOST2"})
    for (bool tell_peers : {true, false})
      for (duration away : {duration{50ms}, duration{3s}})
        all.push_back(
            {name + (tell_peers ? " crashes for " : " loses power for ") + std::to_string(away / 1ms) + " ms",
             [=](universe& on) {
               on.at(name).crash(tell_peers);
               on.in.after(away, [&on, name] { on.at(name).start(); });
             }});
  return all;
}

void sweep(const std::vector<fault>& faults, duration step, unsigned slow_disk = 0) {
  for (const auto& fault : faults)
    for (duration moment{0}; moment <= last_moment; moment += step) {
      lab net;
      net.on.at("HOST2").disk().slow = slow_disk;
      net.source("HOST1", "out/report", "over and over again; ");
      net.start();
      net.begin("HOST1", "FILE01");
      net.on.in.run_for(moment);
      fault.happen(net.on);
      net.on.in.run_for(1min);
      auto held = net.on.circuits();
      auto wrong = joined(net.account());
      INFO(fault.name << " after " << moment / 1us << " us\n" << wrong);
      CHECK(held == 0);
      CHECK(wrong.empty());
    }
}

} // namespace

TEST_CASE("a line fails at any moment of a transfer", "[sweep]") { sweep(line_faults(), 13ms); }

TEST_CASE("a node fails at any moment of a transfer", "[sweep]") { sweep(node_faults(), 13ms); }

TEST_CASE("sender and receiver fail one after the other, at any two moments", "[sweep]") {
  std::vector<fault> faults;
  for (duration later = 0ms; later <= 300ms; later += 23ms)
    for (bool tell_peers : {true, false})
      faults.push_back({"HOST2, and HOST1 " + std::to_string(later / 1ms) + " ms later", [=](universe& on) {
                          auto fail_at = [&](duration when, const char* name) {
                            on.in.after(when, [&on, name, tell_peers] { on.at(name).crash(tell_peers); });
                            on.in.after(when + 40ms, [&on, name] { on.at(name).start(); });
                          };
                          fail_at(0ms, "HOST2");
                          fail_at(later, "HOST1");
                        }});
  sweep(faults, 31ms);
}

TEST_CASE("the sender fails while the receiver's disk is slow", "[sweep]") {
  std::vector<fault> faults;
  for (bool tell_peers : {true, false})
    faults.push_back({"HOST1", [=](universe& on) {
                        on.at("HOST1").crash(tell_peers);
                        on.in.after(20ms, [&on] { on.at("HOST1").start(); });
                      }});
  sweep(faults, 3ms, 1000);
}
