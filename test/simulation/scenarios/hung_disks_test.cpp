/// Renames that come back late, when nobody waits for them any more.
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

/// HOST1 sends FILE01 to HOST2 twice; the first one's rename hangs for that long, its way breaks meanwhile,
/// and the second one comes.
std::string account_after(std::uint64_t seed, duration hangs, duration second_after) {
  lab net{seed};
  net.source("HOST1", "out/report", "the first");
  net.start();
  auto& disk = net.on.at("HOST2").disk();
  disk.next_publication_hangs = hangs;
  net.begin("HOST1", "FILE01");
  net.on.in.run_until([&] { return !disk.next_publication_hangs; }, 1min);
  net.on.net.cut("HOST1", "ServerA");
  net.on.in.run_for(second_after);
  net.source("HOST1", "out/report", "the second");
  net.begin("HOST1", "FILE01");
  net.on.in.run_for(10min);
  auto now = disk.get("in/report");
  std::string wrong;
  for (const auto& line : net.account()) wrong += line + "\n";
  auto newest = net.on.sent("HOST1", net.promised.back().transfer);
  if (newest->state == transfer_state::done &&
      (!now || as_text(*now).find("first") != std::string_view::npos))
    wrong += "the older one came last";
  return wrong;
}

/// What becomes of a transfer whose first rename hangs for that long, while its way breaks.
struct hung_rename {
  lab net;
  explicit hung_rename(std::uint64_t seed, duration hangs, const std::string& topology = three_hubs())
      : net(seed, topology) {
    net.source("HOST1", "out/report", "content");
    net.start();
    disk().next_publication_hangs = hangs;
    net.begin("HOST1", "FILE01");
    net.on.in.run_until([&] { return !disk().next_publication_hangs; }, 1min);
    cut();
  }
  sim_disk& disk() { return net.on.at("HOST2").disk(); }
  void cut() { net.on.net.cut("HOST1", "ServerA"); }
  const transfer_record& sent() { return *net.on.sent("HOST1", net.promised.front().transfer); }
  bool is_there() { return disk().get("in/report").has_value(); }
  int times_received() {
    int times = 0;
    for (const auto& entry : net.on.events.all())
      if (std::holds_alternative<event::received>(entry.what)) ++times;
    return times;
  }
};

std::string never_replacing() {
  auto topology = three_hubs();
  const std::string target = R"("receive": {"path": "in/report"})";
  return topology.replace(topology.find(target), target.size(), target + R"(, "if_exists": "refuse")");
}

} // namespace

TEST_CASE("an older publication that hangs never comes over a newer one", "[disk]") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed)
    for (auto hangs : {duration{20s}, duration{50s}, duration{70s}, duration{4min}})
      for (auto after : {duration{10ms}, duration{30s}, duration{61s}, duration{2min}}) {
        INFO("seed " << seed << ", hangs " << hangs.count() << ", then " << after.count());
        CHECK(account_after(seed, hangs, after) == "");
      }
}

TEST_CASE("a sender learns what became of a rename that nobody waited for", "[disk]") {
  auto topology = GENERATE(three_hubs(), never_replacing());
  for (std::uint64_t seed = 1; seed <= 8; ++seed)
    for (auto hangs : {duration{50s}, duration{70s}, duration{150s}, duration{4min}}) {
      INFO("seed " << seed << ", hangs " << hangs.count());
      hung_rename t{seed, hangs, topology};
      auto cuts_again = seed % 2 == 0;
      if (cuts_again) {
        t.net.on.in.run_for(65s);
        t.cut();
      }
      t.net.on.in.run_for(10min);
      CHECK(t.sent().state == transfer_state::done);
      CHECK(joined(t.net.account()) == "");
      CHECK(t.times_received() == 1);
    }
}

TEST_CASE("what may be published already is not cancelled", "[disk]") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed)
    for (auto hangs : {duration{30s}, duration{90s}, duration{4min}, duration{20min}}) {
      INFO("seed " << seed << ", hangs " << hangs.count());
      hung_rename t{seed, hangs};
      t.net.on.in.run_for(seed % 2 == 0 ? duration{5s} : duration{70s});
      std::function<void(outcome<transfer_record>)> ignore = [](const auto&) {};
      ask<transfer_record>(t.net.on.in, t.net.on.at("HOST1").supervisor(), 30s, ignore, cancel_atom_v,
                           t.sent().transfer);
      t.net.on.in.run_for(15min);
      CHECK(t.sent().state == (hangs < 10min ? transfer_state::done : transfer_state::unconfirmed));
      t.net.on.in.run_for(10min);
      CHECK(t.is_there());
      CHECK(joined(t.net.account()) == "");
    }
}

TEST_CASE("a receiver that starts anew settles what hung", "[disk]") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    INFO("seed " << seed);
    hung_rename t{seed, 20min};
    t.net.on.in.run_for(seed % 2 == 0 ? duration{5s} : duration{70s});
    t.net.on.at("HOST2").crash(true);
    t.net.on.in.run_for(5s);
    t.net.on.at("HOST2").start();
    t.net.on.in.run_for(10min);
    CHECK(t.sent().state == transfer_state::done);
    CHECK(joined(t.net.account()) == "");
  }
}
