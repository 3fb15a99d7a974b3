/// One file for several receivers, in virtual time: what crashes, cuts and silence may do to it.
#include "simulation/network/topologies.hpp"
#include "simulation/network/universe.hpp"
#include "simulation/options.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::sim;
using namespace std::chrono_literals;

namespace {

/// S1 – S2 – S3, a client C1 at S1, others: C2 at S2, C3 and C4 at S3.
std::string tree(const std::string& more = "") {
  auto hub = [](int n, const std::string& beside) {
    auto i = std::to_string(n);
    return "\"S" + i + R"(": {"role": "server", "address": "127.1.)" + i +
           R"(.1:40000", "segment": "127.1.)" + i + R"(.0/24", "neighbours": {)" + beside + "}}";
  };
  auto client = [](int n, int home) {
    auto i = std::to_string(n), h = std::to_string(home);
    return "\"C" + i + R"(": {"role": "client", "address": "127.1.)" + h + ".1" + i +
           R"(:30000", "home": "S)" + h + R"(", "limits": {"checkpoint": "64KiB", "checkpoint_s": 0.1}})";
  };
  return R"({"network": "tree", "nodes": {)" + hub(1, R"("S2": 1)") + "," + hub(2, R"("S3": 1)") + "," +
         hub(3, "") + "," + client(1, 1) + "," + client(2, 2) + "," + client(3, 3) + "," + client(4, 3) +
         R"(}, "transfers": {"FILE": {"from": "C1", "to": ["C2", "C3", "C4"], "send": {"path": "out/file"})" +
         more + "}}}";
}

/// S in the middle with the sender C, servers around it with so many receivers each.
std::string wide_network(int servers, int receivers_each) {
  std::string nodes = R"("S": {"role": "server", "address": "127.1.0.1:40000", "segment": "127.1.0.0/24"},
    "C": {"role": "client", "address": "127.1.0.2:30000", "home": "S"})";
  std::string members;
  for (int s = 1; s <= servers; ++s) {
    auto i = std::to_string(s), segment = "127." + std::to_string(1 + s);
    nodes += R"(, "S)" + i + R"(": {"role": "server", "address": ")" + segment +
             R"(.0.1:40000", "segment": ")" + segment + R"(.0.0/16", "neighbours": {"S": 1}})";
    for (int r = 1; r <= receivers_each; ++r) {
      auto name = "R" + i + "-" + std::to_string(r);
      nodes += ", \"" + name + R"(": {"role": "client", "home": "S)" + i + R"(", "address": ")" + segment +
               "." + std::to_string(1 + r / 200) + "." + std::to_string(1 + r % 200) + R"(:30000"})";
      members += (members.empty() ? "\"" : ", \"") + name + "\"";
    }
  }
  return R"({"network": "wide", "nodes": {)" + nodes + R"(}, "groups": {"all": [)" + members +
         R"(]}, "transfers": {"FILE": {"from": "C", "to": ["all"]}}})";
}

const std::vector<std::string> receivers{"C2", "C3", "C4"};

bytes some_content(std::size_t size) {
  bytes content(size);
  for (std::size_t i = 0; i < size; ++i) content[i] = std::byte(i * 31 + i / 251);
  return content;
}

struct forest {
  explicit forest(std::uint64_t seed, const std::string& topology = tree(), bool keep = false)
      : on(seed, topology, keep) {
    for (auto& [name, node] : on.nodes()) node->chunk_size = 4096;
    on.at("C1").disk().put("out/file", content);
    on.start_all();
  }
  bool arrived(const std::string& at) { return on.at(at).disk().get("in/FILE") == content; }

  bytes content = some_content(200'000);
  universe on;
};

} // namespace

TEST_CASE("a broadcast goes through a tree, each hub's spool taking it once", "[broadcast]") {
  forest t{1};
  auto done = t.on.transfer("C1", "FILE");
  CHECK(done.state == transfer_state::done);
  for (const auto& name : receivers) CHECK(t.arrived(name));
  std::map<std::string, std::uint64_t> carried;
  for (const auto& entry : t.on.events.all())
    if (auto* closed = std::get_if<event::closed>(&entry.what); closed && closed->hop == "S3")
      carried[entry.node] += closed->bytes;
  REQUIRE(carried.count("S2"));
  CHECK(carried["S2"] < 220'000);
  CHECK(t.on.quiet(1min));
  CHECK(t.on.stop_all() == 0);
}

TEST_CASE("a receiver that stays away fails for itself alone", "[broadcast]") {
  forest t{2};
  t.on.at("C3").crash(true);
  auto done = t.on.transfer("C1", "FILE");
  CHECK(done.state == transfer_state::partial);
  CHECK(done.to.at("C3") == transfer_state::failed);
  CHECK(t.arrived("C2"));
  CHECK(t.arrived("C4"));
  CHECK(t.on.quiet(1min));
  CHECK(t.on.stop_all() == 0);
}

TEST_CASE("with retry a receiver that comes back gets it out of the spool", "[broadcast]") {
  forest t{3, tree(R"(, "retry": {"count": 5, "every_s": 20})")};
  t.on.at("C3").crash(true);
  t.on.in.after(30s, [&] { t.on.at("C3").start(); });
  auto done = t.on.transfer("C1", "FILE");
  CHECK(done.state == transfer_state::done);
  for (const auto& name : receivers) CHECK(t.arrived(name));
  std::uint64_t sent = 0;
  for (const auto& entry : t.on.events.all())
    if (auto* closed = std::get_if<event::closed>(&entry.what); closed && entry.node == "C1")
      sent += closed->bytes;
  CHECK(sent < 220'000);
  CHECK(t.on.quiet(1min));
  CHECK(t.on.stop_all() == 0);
}

TEST_CASE("a point that lost power goes on with what it had synced") {
  forest t{4, tree(R"(, "retry": {"count": 9, "every_s": 1})")};
  t.content = some_content(3'000'000);
  t.on.at("C1").disk().put("out/file", t.content);
  auto asked = t.on.send("C1", "FILE");
  REQUIRE((asked && *asked));
  auto id = (*asked)->transfer;
  const transfer_key id_at_point{id, "C1", "FILE"};
  auto& kept = t.on.at("S2").journal().durable().spools;
  REQUIRE(t.on.in.run_until([&] { return kept.count(id_at_point) && kept.at(id_at_point).held.chunks > 50; },
                            1min));
  auto safe = kept.at(id_at_point).held.chunks * 4096;
  t.on.at("S2").crash(false);
  t.on.in.after(2s, [&] { t.on.at("S2").start(); });
  REQUIRE(t.on.in.run_until([&] { return t.on.sent("C1", id)->state == transfer_state::done; }, 5min));
  for (const auto& name : receivers) CHECK(t.arrived(name));
  std::vector<std::uint64_t> attempts;
  for (const auto& entry : t.on.events.all())
    if (auto* closed = std::get_if<event::closed>(&entry.what); closed && entry.node == "C1")
      attempts.push_back(closed->bytes);
  CHECK(attempts.back() < 3'100'000 - safe);
  CHECK(t.on.quiet(1min));
  CHECK(t.on.stop_all() == 0);
}

TEST_CASE("what receivers said while the sender was away waits at the point") {
  forest t{5};
  auto asked = t.on.send("C1", "FILE");
  REQUIRE((asked && *asked));
  auto id = (*asked)->transfer;
  const transfer_key id_at_point{id, "C1", "FILE"};
  auto& kept = t.on.at("S2").journal().durable().spools;
  REQUIRE(t.on.in.run_until([&] { return kept.count(id_at_point) && !kept.at(id_at_point).held.end.empty(); },
                            1min));
  t.on.at("C1").crash(true);
  t.on.in.run_for(1h);
  for (const auto& name : receivers) {
    CHECK(t.arrived(name));
    t.on.at(name).crash(false);
  }
  t.on.at("S2").crash(false);
  t.on.at("S2").start();
  t.on.at("C1").start();
  CHECK(t.on.in.run_until([&] { return t.on.sent("C1", id)->state == transfer_state::done; }, 20min));
  CHECK(t.on.quiet(1min));
  CHECK(kept.empty());
  CHECK(t.on.stop_all() == 0);
}

TEST_CASE("a sender that need not wait is told of the receivers by the point") {
  forest t{6, tree(R"(, "complete_when": "spooled")")};
  auto complete = t.on.transfer("C1", "FILE");
  CHECK((complete.state == transfer_state::spooled || complete.state == transfer_state::done));
  CHECK(t.on.in.run_until([&] { return t.on.sent("C1", complete.transfer)->state == transfer_state::done; },
                          1min));
  CHECK(t.on.quiet(1min));
  CHECK(t.on.stop_all() == 0);
}

namespace {

void check_wide_broadcast(int servers, int receivers_each, std::size_t size) {
  universe on{7, wide_network(servers, receivers_each), false};
  for (auto& [name, node] : on.nodes()) node->chunk_size = 65'536;
  auto content = some_content(size);
  on.at("C").disk().put("out/FILE", content);
  on.start_all();
  auto done = on.transfer("C", "FILE");
  CHECK(done.state == transfer_state::done);
  CHECK(done.to.size() == std::size_t(servers * receivers_each));
  CHECK(on.quiet(1min)); // each end has said how much it carried
  std::map<std::string, std::uint64_t> carried;
  for (const auto& entry : on.events.all())
    if (auto* closed = std::get_if<event::closed>(&entry.what); closed && entry.node == "S")
      if (closed->hop && closed->hop->starts_with("S")) carried[*closed->hop] += closed->bytes;
  CHECK(carried.size() == std::size_t(servers));
  for (const auto& [hop, bytes] : carried) {
    INFO(hop << ": " << bytes);
    CHECK(bytes > content.size());
    CHECK(bytes < content.size() + 4'000 + std::size_t(receivers_each) * 140); // and an envelope a receiver
  }
  for (auto& [name, node] : on.nodes())
    if (name.starts_with("R")) CHECK(node->disk().get("in/FILE") == content);
  CHECK(on.stop_all() == 0);
}

} // namespace

TEST_CASE("500 receivers behind ten servers: each connection between two carries the file once") {
  check_wide_broadcast(10, 50, 1 << 20);
}

TEST_CASE("an attempt that waits for an earlier one ends with it, or when a later one comes", "[broadcast]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    forest t{seed};
    t.on.at("S2").disk().slow = 1000; // what it syncs holds the first attempt up
    auto asked = t.on.send("C1", "FILE");
    REQUIRE((asked && *asked));
    for (int i = 0; i < 8; ++i) t.on.in.after(t.on.in.between(0s, 3s), [&] { t.on.net.cut("C1", "S1"); });
    CHECK(t.on.in.run_until([&] { return is_final(t.on.sent("C1", (*asked)->transfer)->state); }, 10min));
    CHECK(t.on.quiet(5min));
    CHECK(t.on.stop_all() == 0);
  }
}

TEST_CASE("whatever breaks, done is done at every receiver that is said to be", "[broadcast][seeds]") {
  std::map<std::string, int> outcomes;
  for (auto seed = options().from; seed < options().from + options().seeds; ++seed) {
    INFO("seed " << seed);
    forest t{seed, tree(R"(, "retry": {"count": 6, "every_s": 2})")};
    auto& in = t.on.in;
    static const std::vector<std::string> names{"C1", "C2", "C3", "C4", "S1", "S2", "S3"};
    static const std::vector<std::pair<std::string, std::string>> lines{
        {"C1", "S1"}, {"S1", "S2"}, {"S2", "S3"}, {"C2", "S2"}, {"C3", "S3"}, {"C4", "S3"}};
    for (auto left = in.below(5); left > 0; --left)
      in.after(in.between(0s, 4s), [&] {
        auto& node = t.on.at(names[in.below(names.size())]);
        if (!node.running()) return;
        node.crash(in.chance(600));
        in.after(in.between(10ms, 5s), [&node] {
          if (!node.running()) node.start();
        });
      });
    for (auto left = in.below(5); left > 0; --left)
      in.after(in.between(0s, 4s), [&] {
        auto& [a, b] = lines[in.below(lines.size())];
        t.on.net.cut(a, b);
      });
    auto asked = t.on.send("C1", "FILE");
    in.run_for(5s);
    t.on.repair();
    if (!asked || !*asked) continue;
    auto final_there = [&] {
      auto* record = t.on.sent("C1", (*asked)->transfer);
      return record && is_final(record->state);
    };
    CHECK(in.run_until(final_there, 10min));
    CHECK(t.on.quiet(5min));
    auto* record = t.on.sent("C1", (*asked)->transfer);
    REQUIRE(record);
    ++outcomes[std::string{to_string(record->state)}];
    for (const auto& [name, state] : record->to) {
      INFO(name << " is " << to_string(state) << ", all of it " << to_string(record->state));
      if (state == transfer_state::done) CHECK(t.arrived(name));
      if (auto there = t.on.at(name).disk().get("in/FILE")) {
        CHECK(*there == t.content);
        CHECK(state != transfer_state::failed);
      }
    }
    CHECK(t.on.stop_all() == 0);
  }
  CHECK(outcomes["done"] > 0);
}
