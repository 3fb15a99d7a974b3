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

} // namespace

TEST_CASE("an older publication that hangs never comes over a newer one", "[disk]") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed)
    for (auto hangs : {duration{20s}, duration{50s}, duration{70s}, duration{4min}})
      for (auto after : {duration{10ms}, duration{30s}, duration{61s}, duration{2min}}) {
        INFO("seed " << seed << ", hangs " << hangs.count() << ", then " << after.count());
        CHECK(account_after(seed, hangs, after) == "");
      }
}
