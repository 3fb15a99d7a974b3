/// Requests over simulated lines: repeated, lost and interrupted ones start nothing twice.
#include "simulation/network/topologies.hpp"
#include "simulation/network/universe.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

struct requests {
  explicit requests(std::uint64_t seed) : on(seed, three_hubs()) {
    on.at("HOST1").disk().put("out/report", content_of("what HOST1 has to say"));
    on.start_all();
  }
  ~requests() {
    CHECK(on.quiet(5min));
    for (const auto& watcher : watchers) caf::anon_send_exit(watcher, caf::exit_reason::user_shutdown);
    watchers.clear();
    CHECK(on.stop_all() == 0);
  }

  /// Asks at HOST2; `last` gets what its user is told.
  void ask_for(const std::string& file, bool resend = false) {
    auto latest = last;
    auto watcher =
        on.in.system().spawn([latest](watcher_actor::pointer self) -> watcher_actor::behavior_type {
          return {[latest, self](const transfer_record& record) {
            *latest = record;
            if (is_final(record.state)) self->quit();
          }};
        });
    watchers.push_back(watcher);
    std::function<void(outcome<transfer_record>)> keep = [latest](outcome<transfer_record> got) {
      *latest = std::move(got);
    };
    ask<transfer_record>(on.in, on.at("HOST2").supervisor(), 10min, keep, request_atom_v,
                         request_order{file, resend, true}, watcher);
  }
  bool over() const { return *last && (!**last || is_final((**last)->state)); }
  std::size_t sends() {
    const auto& records = on.at("HOST1").journal().durable().records;
    return std::size_t(std::count_if(records.begin(), records.end(), [](const auto& row) {
      return row.second.side == transfer_side::sender;
    }));
  }

  universe on;
  std::vector<watcher_actor> watchers;
  std::shared_ptr<std::optional<outcome<transfer_record>>> last =
      std::make_shared<std::optional<outcome<transfer_record>>>();
};

} // namespace

TEST_CASE("a request brings the file to who asked", "[request]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    requests net{seed};
    net.ask_for("FILE01");
    CAPTURE(seed);
    REQUIRE(net.on.in.run_until([&] { return net.over(); }, 5min));
    REQUIRE(**net.last);
    CHECK((**net.last)->state == transfer_state::done);
    CHECK(net.on.at("HOST2").disk().get("in/report") == content_of("what HOST1 has to say"));
    CHECK(net.sends() == 1);
  }
}

TEST_CASE("a source that crashes meanwhile sends once, or never", "[request]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    requests net{seed};
    net.ask_for("FILE01");
    net.on.in.run_for(net.on.in.between(0ms, 400ms));
    net.on.at("HOST1").crash(net.on.in.chance(500));
    net.on.in.run_for(net.on.in.between(1s, 10s));
    net.on.repair();
    CAPTURE(seed);
    CHECK(net.on.in.run_until([&] { return net.over(); }, 10min));
    CHECK(net.sends() <= 1);
    net.on.in.run_until([&] { return net.on.everything_final(); }, 10min);
    if (net.sends() == 1)
      CHECK(net.on.at("HOST2").disk().get("in/report") == content_of("what HOST1 has to say"));
  }
}

TEST_CASE("nothing was sent, so nothing is sent again", "[request]") {
  requests net{1};
  net.ask_for("FILE01", true);
  REQUIRE(net.on.in.run_until([&] { return net.over(); }, 5min));
  REQUIRE_FALSE(**net.last);
  CHECK((*net.last)->error().code == errc::never_sent);
  CHECK(net.sends() == 0);
}
