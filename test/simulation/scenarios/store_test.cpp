/// Store and forward in virtual time: receivers that are away for hours, and what the store does meanwhile.
#include "simulation/scenarios/lab.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

const auto sends = [](const std::string& to, const std::string& more) {
  return R"({"from": "C1", "to": [)" + to + R"(], "send": {"path": "out/file"})" + more + "}";
};

/// S1 – S2; C1 at S1, C2 and C3 at S2, C4 at S1. FILE goes to C2, WIDE to C2, C3 and C4.
std::string two_hubs(const std::string& store, const std::string& limits = "{}") {
  return R"({"network": "two-hubs", "nodes": {
    "S1": {"role": "server", "address": "127.1.1.1:40000", "segment": "127.1.1.0/24", "neighbours": {"S2": 1}},
    "S2": {"role": "server", "address": "127.1.2.1:40000", "segment": "127.1.2.0/24", "limits": )" +
         limits + R"(},
    "C1": {"role": "client", "address": "127.1.1.11:30000", "home": "S1"},
    "C2": {"role": "client", "address": "127.1.2.12:30000", "home": "S2"},
    "C3": {"role": "client", "address": "127.1.2.13:30000", "home": "S2"},
    "C4": {"role": "client", "address": "127.1.1.14:30000", "home": "S1"}},
    "transfers": {"FILE": )" +
         sends(R"("C2")", store) + R"(, "WIDE": )" + sends(R"("C2", "C3", "C4")", store) + "}}";
}

std::string store(const std::string& policy, const std::string& more = "") {
  return R"(, "store": ")" + policy + '"' + more;
}

struct hubs {
  explicit hubs(const std::string& more, const std::string& limits = "{}") : on(11, two_hubs(more, limits)) {
    for (auto& [name, node] : on.nodes()) node->chunk_size = 4096;
    put("first");
    on.start_all();
  }
  /// Made once: some tests look for it at every step.
  const bytes& content_of_version(const std::string& version) {
    auto& whole = contents[version];
    if (!whole.empty()) return whole;
    auto once = as_bytes(version);
    for (int i = 0; i < 20'000; ++i) whole.insert(whole.end(), once.begin(), once.end());
    return whole;
  }
  void put(const std::string& version) { on.at("C1").disk().put("out/file", content_of_version(version)); }
  bool has(const std::string& name, const std::string& file, const std::string& version) {
    return on.at(name).disk().get("in/" + file) == content_of_version(version);
  }
  bool becomes(const transfer_id& id, transfer_state state, duration within) {
    return on.in.run_until([&] { return on.sent("C1", id)->state == state; }, within);
  }
  std::vector<stored_transfer> stored() {
    std::optional<std::vector<stored_transfer>> rows;
    std::function<void(outcome<std::vector<stored_transfer>>)> keep = [&](auto got) {
      if (got) rows = std::move(*got);
    };
    ask<std::vector<stored_transfer>>(on.in, *on.at("S2").actors().spools, 30s, keep, spools_atom_v);
    on.in.run_until([&] { return rows.has_value(); }, 30s);
    return rows.value_or(std::vector<stored_transfer>{});
  }
  outcome<stored_transfer> deliver(const transfer_id& id, const std::string& at = "S2") {
    std::optional<outcome<stored_transfer>> answer;
    std::function<void(outcome<stored_transfer>)> keep = [&](auto got) { answer = std::move(got); };
    ask<stored_transfer>(on.in, *on.at(at).actors().spools, 30s, keep, deliver_atom_v, id);
    on.in.run_until([&] { return answer.has_value(); }, 30s);
    return answer.value_or(failure{errc::timed_out, {}, "no answer"});
  }
  std::uint64_t carried_by_sender() {
    std::uint64_t sent = 0;
    for (const auto& entry : on.events.all())
      if (auto* closed = std::get_if<event::closed>(&entry.what); closed && entry.node == "C1")
        sent += closed->bytes;
    return sent;
  }
  void check_over() {
    CHECK(on.quiet(5min));
    for (auto hub : {"S1", "S2"}) CHECK(on.at(hub).journal().durable().spools.empty());
    CHECK(on.stop_all() == 0);
  }

  universe on;
  std::map<std::string, bytes> contents;
};

} // namespace

TEST_CASE("a receiver that is off for an hour gets its file from the store, with the sender off", "[store]") {
  hubs t{store("when_unreachable")};
  t.on.at("C2").crash(true);
  auto sent = t.on.transfer("C1", "FILE");
  CHECK(sent.state == transfer_state::spooled);
  CHECK(sent.to.at("C2") == transfer_state::spooled);
  REQUIRE(sent.reason);
  CHECK(sent.reason->code == errc::stored);
  CHECK(sent.reason->hop == "S2");
  t.on.at("C1").crash(true);
  t.on.in.run_for(1h);
  t.on.at("C2").start();
  CHECK(t.on.in.run_until([&] { return t.has("C2", "FILE", "first"); }, 3min));
  t.on.in.run_for(1h);
  t.on.at("C1").start();
  CHECK(t.becomes(sent.transfer, transfer_state::done, 11min));
  CHECK(t.carried_by_sender() < 110'000);
  t.check_over();
}

TEST_CASE("the store outlives its node's process, and loss of power", "[store]") {
  hubs t{store("always")};
  t.on.at("C2").crash(true);
  auto sent = t.on.transfer("C1", "FILE");
  CHECK(sent.state == transfer_state::spooled);
  t.on.in.run_for(1min);
  t.on.at("C1").crash(true);
  t.on.at("S2").crash(false);
  t.on.in.run_for(1h);
  t.on.at("S2").start();
  t.on.in.run_for(1min);
  REQUIRE(t.stored().size() == 1);
  t.on.at("C2").start();
  CHECK(t.on.in.run_until([&] { return t.has("C2", "FILE", "first"); }, 3min));
  t.on.at("C1").start();
  CHECK(t.becomes(sent.transfer, transfer_state::done, 11min));
  t.check_over();
}

TEST_CASE("a store's clock that is set neither ends what it keeps nor puts it off", "[store]") {
  auto [jump, back] =
      GENERATE(std::pair<duration, duration>{24h * 8, 0s}, std::pair<duration, duration>{-1h, -1h},
               std::pair<duration, duration>{-24h * 400, 0s}, std::pair<duration, duration>{24h * 400, 0s});
  hubs t{store("when_unreachable")};
  t.on.at("C2").crash(true);
  auto sent = t.on.transfer("C1", "FILE");
  CHECK(sent.state == transfer_state::spooled);
  auto until = t.stored().at(0).until_ms;
  t.on.at("S2").set_clock(jump);
  t.on.in.run_for(6s);
  auto shown = t.stored();
  REQUIRE(shown.size() == 1); // as long as before, by the clock that is there now
  CHECK(shown[0].until_ms == until + std::chrono::duration_cast<std::chrono::milliseconds>(jump).count());
  if (t.on.in.chance(500)) {
    t.on.at("S2").crash(true);
    t.on.in.run_for(1s);
    t.on.at("S2").start();
  }
  t.on.at("S2").set_clock(back);
  t.on.in.run_for(1s);
  t.on.at("C2").start();
  CHECK(t.on.in.run_until([&] { return t.has("C2", "FILE", "first"); }, 10s));
  CHECK(t.becomes(sent.transfer, transfer_state::done, 11min));
  t.check_over();
}

TEST_CASE("of several receivers those that are there get it at once, the others later", "[store]") {
  hubs t{store("when_unreachable")};
  t.on.at("C3").crash(true);
  auto sent = t.on.transfer("C1", "WIDE");
  CHECK(sent.state == transfer_state::spooled);
  CHECK(sent.to.at("C2") == transfer_state::done);
  CHECK(sent.to.at("C3") == transfer_state::spooled);
  CHECK(sent.to.at("C4") == transfer_state::done);
  t.on.in.run_for(1h);
  t.on.at("C3").start();
  CHECK(t.becomes(sent.transfer, transfer_state::done, 15min));
  CHECK(t.has("C3", "WIDE", "first"));
  CHECK(t.carried_by_sender() < 120'000);
  t.check_over();
}

TEST_CASE("transfers of one file ID leave the store in order", "[store]") {
  hubs t{store("always")};
  t.on.at("C2").crash(true);
  std::vector<transfer_id> ids;
  for (auto version : {"first", "secnd", "third"}) {
    t.put(version);
    ids.push_back(t.on.transfer("C1", "FILE").transfer);
    t.on.in.run_for(10s);
  }
  CHECK(t.stored().size() == 3);
  t.on.in.run_for(30min);
  std::vector<std::string> seen;
  t.on.at("C2").start();
  auto look = [&] {
    for (auto version : {"first", "secnd", "third"})
      if (t.has("C2", "FILE", version) && (seen.empty() || seen.back() != version)) seen.push_back(version);
    return seen.size() == 3;
  };
  CHECK(t.on.in.run_until(look, 5min));
  CHECK(seen == std::vector<std::string>{"first", "secnd", "third"});
  for (const auto& id : ids) CHECK(t.becomes(id, transfer_state::done, 11min));
  t.check_over();
}

TEST_CASE("what is only stored waits until somebody has it delivered", "[store]") {
  hubs t{store("only")};
  auto sent = t.on.transfer("C1", "FILE");
  CHECK(sent.state == transfer_state::spooled);
  t.on.in.run_for(1h);
  CHECK_FALSE(t.has("C2", "FILE", "first"));
  auto rows = t.stored();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].held_back);
  CHECK(rows[0].waiting == std::vector<std::string>{"C2"});
  t.on.at("S2").crash(false);
  t.on.at("S2").start();
  t.on.in.run_for(5min);
  CHECK_FALSE(t.has("C2", "FILE", "first"));
  auto unknown = t.deliver(std::string(32, '0'));
  CHECK((!unknown && unknown.error().code == errc::bad_config));
  REQUIRE(t.deliver(sent.transfer));
  CHECK(t.becomes(sent.transfer, transfer_state::done, 5min));
  CHECK(t.has("C2", "FILE", "first"));
  t.check_over();
}

TEST_CASE("a store's next try is a search of its own for the hubs behind it", "[store]") {
  hubs t{store("when_unreachable", R"(, "placement": "manual", "via": ["S1"])")};
  t.on.at("C2").crash(true);
  auto sent = t.on.transfer("C1", "FILE");
  CHECK(sent.state == transfer_state::spooled);
  t.on.at("C2").start();
  REQUIRE(t.deliver(sent.transfer, "S1"));
  CHECK(t.on.in.run_until([&] { return t.has("C2", "FILE", "first"); }, 1s));
  CHECK(t.becomes(sent.transfer, transfer_state::done, 11min));
  t.check_over();
}

TEST_CASE("what nobody fetched in time fails with a code of its own, and its room is free", "[store]") {
  hubs t{store("when_unreachable", R"(, "store_s": 3600)"), R"({"spool": "64KiB"})"};
  t.put("1st");
  t.on.at("C2").crash(true);
  auto sent = t.on.transfer("C1", "FILE");
  CHECK(sent.state == transfer_state::spooled);
  t.on.at("C1").crash(true);
  t.on.in.run_for(61min);
  CHECK(t.stored().empty());
  for (const auto& path : t.on.at("S2").disk().list()) CHECK_FALSE(path.starts_with("spool/"));
  t.on.at("C1").start();
  CHECK(t.becomes(sent.transfer, transfer_state::failed, 11min));
  auto* record = t.on.sent("C1", sent.transfer);
  REQUIRE(record->reason);
  CHECK(record->reason->code == errc::expired);
  CHECK(record->reason->hop == "S2");
  t.check_over();
}

TEST_CASE("a stored transfer can be cancelled by its sender", "[store]") {
  hubs t{store("when_unreachable")};
  t.on.at("C2").crash(true);
  auto sent = t.on.transfer("C1", "FILE");
  std::optional<outcome<transfer_record>> answer;
  std::function<void(outcome<transfer_record>)> keep = [&](auto got) { answer = std::move(got); };
  ask<transfer_record>(t.on.in, t.on.at("C1").supervisor(), 30s, keep, cancel_atom_v, sent.transfer);
  CHECK(t.on.in.run_until([&] { return t.on.sent("C1", sent.transfer)->state != transfer_state::spooled; },
                          1min));
  CHECK(t.on.in.run_until([&] { return is_final(t.on.sent("C1", sent.transfer)->state); }, 1min));
  CHECK(t.stored().empty());
  t.on.at("C2").start();
  t.on.in.run_for(10min);
  CHECK_FALSE(t.has("C2", "FILE", "first"));
  t.check_over();
}
