/// `ping --rate`: lines that are loaded, one after the other.
#include "simulation/network/topologies.hpp"
#include "simulation/network/universe.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;

namespace {

constexpr auto load_time = 500ms;

struct loaded_three {
  loaded_three() { on.start_all(); }
  ~loaded_three() {
    CHECK(on.quiet(10min));
    CHECK(on.stop_all() == 0);
  }
  /// `FROM TO` of each, and the failure's code.
  lines load(const std::string& from, const std::string& to) {
    auto answer = on.load(from, to, load_time);
    if (!answer) return {"no answer"};
    if (!*answer) return {std::string{to_string(answer->error().code)} + " at " + answer->error().hop};
    lines found;
    for (const auto& each : (*answer)->rates.lines) {
      CHECK(each.bits_per_s > 0);
      CHECK(each.micros >= 500'000);
      found.push_back(each.from + " " + each.to);
    }
    if (const auto& why = (*answer)->rates.failed)
      found.push_back(std::string{to_string(why->code)} + " at " + why->hop);
    return found;
  }
  universe on{1, three_hubs()};
};

} // namespace

TEST_CASE("each line of the way is loaded, and said what it carries", "[load]") {
  loaded_three net;
  CHECK(net.load("HOST1", "HOST3") == lines{"HOST1 ServerA", "ServerA ServerC", "ServerC HOST3"});
  CHECK(net.load("ServerA", "ServerB") == lines{"ServerA ServerB"});
}

TEST_CASE("a way that ends before its end says what its lines carry all the same", "[load]") {
  loaded_three net;
  net.on.at("HOST3").crash(true);
  CHECK(net.load("ServerA", "HOST3") == lines{"ServerA ServerC", "hop-down at ServerC"});
  net.on.at("HOST3").start();
}

TEST_CASE("a node takes part in one load at a time, and rests after a client's", "[load]") {
  loaded_three net;
  std::optional<outcome<load_report>> first;
  std::function<void(outcome<load_report>)> keep = [&](outcome<load_report> got) { first = std::move(got); };
  ask<load_report>(net.on.in, net.on.at("HOST1").supervisor(), 10min, keep,
                   load_order{"HOST3", load_time, {}});
  net.on.in.run_for(200ms);
  CHECK(net.load("HOST1", "ServerA") == lines{"busy at HOST1"});
  net.on.in.run_until([&] { return first.has_value(); }, 10min);
  REQUIRE(*first);
  CHECK(net.load("HOST1", "ServerA") == lines{"busy at ServerA"}); // it rests
  CHECK(net.load("ServerA", "ServerB") == lines{"ServerA ServerB"});
  net.on.in.run_for(2min);
  CHECK(net.load("HOST1", "ServerA") == lines{"HOST1 ServerA"});
}

TEST_CASE("a line that breaks under its load ends it", "[load]") {
  loaded_three net;
  std::optional<outcome<load_report>> broken;
  std::function<void(outcome<load_report>)> keep = [&](outcome<load_report> got) { broken = std::move(got); };
  ask<load_report>(net.on.in, net.on.at("HOST1").supervisor(), 10min, keep, load_order{"HOST3", 2s, {}});
  net.on.in.run_for(1s);
  net.on.net.cut("HOST1", "ServerA");
  net.on.in.run_until([&] { return broken.has_value(); }, 10min);
  REQUIRE(broken);
  CHECK_FALSE(*broken);
}

TEST_CASE("nobody waits for a load: it ends", "[load]") {
  loaded_three net;
  bool answered = false;
  auto asker = net.on.in.system().spawn([&](caf::event_based_actor* self) {
    self->request(net.on.at("HOST1").supervisor(), 10min, load_order{"HOST3", 60s, {}})
        .then([&](const load_report&) { answered = true; }, [&](const caf::error&) { answered = true; });
  });
  net.on.in.run_for(1s);
  CHECK(net.on.circuits() > 0);
  caf::anon_send_exit(asker, caf::exit_reason::user_shutdown);
  net.on.in.run_for(20s);
  CHECK(net.on.circuits() == 0);
  CHECK_FALSE(answered);
}
