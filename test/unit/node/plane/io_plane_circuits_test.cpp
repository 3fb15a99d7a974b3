#include "node/files/posix_store.hpp"
#include "plane_fixture.hpp"
#include "protocol/circuit/preamble.hpp"
#include "scripted_end.hpp"

#include <fstream>
#include <random>

using namespace hublink;
using namespace hublink::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

/// A node's part in a circuit, and who owns it.
struct part {
  running_plane& plane;
  owner own;
  circuit_id id;

  part(running_plane& at, caf::actor_system& system)
      : plane(at), own(system), id(at->make_circuit(own.as<circuit_owner>())) {}

  void run(std::deque<script_step> script, std::shared_ptr<end_log> record = std::make_shared<end_log>(),
           std::unique_ptr<transfer_file> file = nullptr) {
    plane->run(id, std::make_unique<scripted_end>(std::move(script), record),
               file ? std::move(file) : posix_store("/nonexistent").target("none", if_exists::replace));
  }
  ended over() { return own.wait<ended>(); }
};

struct network {
  actor_config config;
  caf::actor_system system{config};
  key_folders keys{"Origin", "Relay", "End"};
  running_plane origin{system, keys.of("Origin")}, relay{system, keys.of("Relay")},
      end{system, keys.of("End")};
};

/// One circuit: origin, relay, end; attached from end to end.
struct circuit {
  part first, middle, last;

  explicit circuit(network& net)
      : first(net.origin, net.system), middle(net.relay, net.system), last(net.end, net.system) {
    join(last, middle);
    join(middle, first);
  }
  /// As a relay and the hop behind it do.
  static void join(part& behind, part& before) {
    auto key = behind.plane->expect(behind.id, side::near);
    before.plane->attach(before.id, side::far, {behind.plane.where()}, key);
    CHECK(before.own.wait<attached>().side == side::far);
    CHECK(behind.own.wait<attached>().side == side::near);
  }
};

bytes random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  bytes made(size);
  for (auto& octet : made) octet = std::byte(random());
  return made;
}

struct scratch_folder {
  std::filesystem::path path;
  scratch_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "hublink-circuit-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~scratch_folder() { std::filesystem::remove_all(path); }
};

const transfer_id some_transfer = "0123456789abcdef0123456789abcdef";

} // namespace

TEST_CASE("a file goes through a relay, and all three know how it ended") {
  network net;
  circuit way(net);
  scratch_folder at;
  constexpr std::size_t chunk = 256 * 1024, chunks = 40;
  auto content = random_bytes(chunk * chunks, 1);
  std::ofstream(at.path / "out", std::ios::binary)
      .write(as_text(content).data(), std::streamsize(content.size()));

  bytes buffer(chunk);
  std::deque<script_step> sending{step(open_file{})};
  auto record = std::make_shared<end_log>();
  record->got.reserve(content.size()); // its spans stay valid
  std::deque<script_step> taking{step(create_file{some_transfer, 1, content.size(), 0600})};
  for (std::uint64_t i = 0; i < chunks; ++i) {
    sending.push_back(step(read_file{i * chunk, buffer}));
    sending.push_back(step(send_bytes{buffer}));
    taking.push_back(take{chunk});
    taking.push_back(step(write_file{i * chunk, {record->got.data() + i * chunk, chunk}}));
  }
  sending.insert(sending.end(), {step(recheck_file{}), take{1}, step(done())});
  taking.insert(taking.end(), {step(sync_file{}), step(question::publishing{}), step(publish_file{}),
                               step(send_bytes{as_bytes("!")}), step(done())});

  posix_store files(at.path);
  way.last.run(taking, record, files.target("in", if_exists::replace));
  way.first.run(sending, std::make_shared<end_log>(), files.source("out"));
  CHECK(std::holds_alternative<question::publishing>(way.last.own.wait<consulted>().question));
  CHECK_FALSE(std::filesystem::exists(at.path / "in"));
  way.last.plane->resume(way.last.id, decision::go_on{});

  for (auto part : {&way.first, &way.middle, &way.last}) {
    auto end = part->over();
    INFO(part->plane.where().port);
    CHECK(end.result);
    CHECK(end.bytes == content.size());
    CHECK(end.bytes_back == 1);
    if (part != &way.middle) CHECK(end.digest == "digest");
  }
  CHECK(way.first.own.wait<progressed>().progress.bytes > 0);
  std::ifstream in(at.path / "in", std::ios::binary);
  std::string copy(std::istreambuf_iterator<char>(in), {});
  CHECK(copy == as_text(content));
}

TEST_CASE("a file goes into a spool and out of it again, unseen") {
  network net;
  scratch_folder at;
  posix_store files(at.path);
  files.use_spools(100 << 20);
  auto content = random_bytes(10'000'000, 5);
  auto half = content.size() / 2 + 1;
  {
    circuit way(net);
    auto record = std::make_shared<end_log>();
    way.first.run({step(send_bytes{content}), step(send_bytes{as_bytes("seen")}), take{1}, step(done())});
    way.last.run({step(create_file{some_transfer, 1, content.size(), 0600}),
                  take_into{{half, content.size() - half}}, take_into{{0, half}}, take{4}, step(sync_file{}),
                  step(send_bytes{as_bytes("!")}), step(done())},
                 record, files.spool());
    for (auto part : {&way.first, &way.last}) CHECK(part->over().result);
    CHECK(as_text(record->got) == "seen");
  }
  circuit way(net);
  auto record = std::make_shared<end_log>();
  auto sent = [&] { return files.spool(); };
  SECTION("as fast as it goes") { way.first.plane->limit(way.first.id, 0); }
  SECTION("at a limited rate") { way.first.plane->limit(way.first.id, 20'000'000); }
  way.last.run({take{content.size()}, step(send_bytes{as_bytes("!")}), step(done())}, record);
  way.first.run({step(reopen_file{some_transfer, 1}), step(send_from_file{half, content.size() - half}),
                 step(send_from_file{0, half}), take{1}, step(done())},
                std::make_shared<end_log>(), sent());
  auto end = way.first.over();
  CHECK(end.result);
  CHECK(end.bytes == content.size());
  CHECK(end.content.bytes == content.size());
  CHECK(way.last.over().result);
  CHECK(record->got == content);
}

TEST_CASE("a spool's file that can't be used ends its circuit with the reason") {
  network net;
  circuit way(net);
  scratch_folder at;
  posix_store files(at.path);
  files.use_spools(100 << 20);
  SECTION("too short") {
    REQUIRE(files.spool()->create({some_transfer, 1, 10, 0600}));
    way.last.run({take{10}, step(done())});
    way.first.run({step(reopen_file{some_transfer, 1}), step(send_from_file{0, 10}), step(done())},
                  std::make_shared<end_log>(), files.spool());
    CHECK(way.first.over().result.error().code == errc::file_changed);
    CHECK(way.last.over().result.error().code == errc::cut);
  }
  SECTION("read only") {
    REQUIRE(files.spool()->create({some_transfer, 1, 10, 0600}));
    way.last.run({step(reopen_file{some_transfer, 1}), take_into{{0, 10}}, step(done())},
                 std::make_shared<end_log>(), files.spool());
    way.first.run({step(send_bytes{as_bytes("ten bytes.")}), take{1}, step(done())});
    CHECK_THAT(way.last.over().result.error().text, Contains("can't write"));
    CHECK(way.first.over().result.error().code == errc::cut);
  }
}

TEST_CASE("a ping's ends are done at once") {
  network net;
  circuit way(net);
  way.first.run({step(done())});
  way.last.run({step(done())});
  for (auto part : {&way.first, &way.middle, &way.last}) CHECK(part->over().result);
}

TEST_CASE("an end of stream and a break are told apart through a relay") {
  network net;
  circuit way(net);
  auto record = std::make_shared<end_log>();
  way.last.run({take{100}, step(done())}, record);
  SECTION("FIN") {
    way.first.run(
        {step(send_bytes{as_bytes("half")}), step(finish{failure{errc::file_changed, "", "changed"}, true})});
    CHECK(way.last.over().result.error() == failure{errc::cut, "", "end of stream"});
    CHECK(as_text(record->got) == "half");
    CHECK(way.first.over().result.error().code == errc::file_changed);
  }
  SECTION("RST") {
    way.first.run({step(send_bytes{as_bytes("half")}),
                   step(finish{failure{errc::file_changed, "", "changed"}, false})});
    auto why = way.last.over().result.error();
    CHECK(why.code == errc::cut);
    CHECK(why.text == "the circuit broke: Connection reset by peer");
    CHECK(way.middle.over().result.error().code == errc::cut);
  }
  CHECK(record->cut);
}

TEST_CASE("a refusal reaches a sender that never stops sending") {
  network net;
  circuit way(net);
  bytes block(256 * 1024);
  auto record = std::make_shared<end_log>();
  auto sender = std::make_unique<scripted_end>(std::deque<script_step>{step(send_bytes{block})}, record);
  sender->send_endlessly();
  sender->stop_at_input();
  way.first.plane->run(way.first.id, std::move(sender), posix_store("/").source("none"));
  way.last.run({take{1'000'000}, step(send_bytes{as_bytes("no")}),
                step(finish{failure{errc::no_space, "", "full"}, true})});
  CHECK(way.first.over().result.error().text == "the peer refused");
  CHECK(as_text(record->got) == "no");
  CHECK(way.last.over().result.error().code == errc::no_space);
}

TEST_CASE("the owner closes a circuit, and the end tidies up") {
  network net;
  circuit way(net);
  scratch_folder at;
  posix_store files(at.path);
  auto record = std::make_shared<end_log>();
  way.last.run({step(create_file{some_transfer, 1, 10, 0600}), take{5}, step(question::offer{}), take{5},
                step(done())},
               record, files.target("in", if_exists::replace));
  way.first.run({step(send_bytes{as_bytes("12345")}), take{1}, step(done())});
  way.last.own.wait<consulted>();
  CHECK_FALSE(std::filesystem::is_empty(at.path));
  failure why{errc::cancelled, "", "enough"};
  SECTION("at the end point") {
    way.last.plane->close(way.last.id, why);
    CHECK(way.last.over().result.error() == why);
    CHECK(way.middle.over().result.error().code == errc::cut);
    CHECK(way.first.over().result.error().code == errc::cut);
  }
  SECTION("at the relay") {
    way.middle.plane->close(way.middle.id, why);
    CHECK(way.middle.over().result.error() == why);
    CHECK(way.first.over().result.error().code == errc::cut);
    way.last.plane->resume(way.last.id, decision::go_on{});
    CHECK(way.last.over().result.error().code == errc::cut);
  }
  CHECK(std::filesystem::is_empty(at.path));
}

TEST_CASE("a circuit ends once, and late calls miss") {
  network net;
  circuit way(net);
  way.first.run({step(done())});
  way.last.run({step(done())});
  for (auto part : {&way.first, &way.middle, &way.last}) {
    CHECK(part->over().result);
    part->plane->close(part->id, {errc::cancelled, "", "late"});
    part->plane->resume(part->id, decision::go_on{});
    part->plane->expect(part->id, side::near);
    part->plane->attach(part->id, side::far, {part->plane.where()}, {});
    part->run({step(done())});
    part->plane.settle();
    CHECK_FALSE(part->own.notices->has<ended>());
  }
}

TEST_CASE("a token is good for one socket") {
  network net;
  part last(net.end, net.system), first(net.origin, net.system), thief(net.origin, net.system);
  auto key = last.plane->expect(last.id, side::near);
  auto refused = [&](const token& shown) {
    part other(net.origin, net.system);
    other.plane->attach(other.id, side::far, {net.end.where()}, shown);
    auto why = other.over().result.error();
    CHECK(why.code == errc::bad_token);
    CHECK(why.text == to_string(net.end.where()) + " refused the data token");
  };
  auto guess = key;
  guess.back() ^= std::byte{1};
  refused(guess);
  first.plane->attach(first.id, side::far, {net.relay.where(), net.end.where()}, key); // another's port first
  first.own.wait<attached>();
  last.own.wait<attached>();
  refused(key);

  auto raw = call(net.end.where());
  auto preamble = make_preamble(key);
  REQUIRE(raw.send(as_text(preamble)));
  CHECK(raw.read(2) == std::string(1, '\x01'));
}

TEST_CASE("a token that nobody claims ends its circuit") {
  network net;
  part last(net.end, net.system);
  last.plane->expect(last.id, side::near);
  auto why = last.over().result.error(); // after ten seconds
  CHECK(why.code == errc::timed_out);
}

TEST_CASE("a data port that can't be reached ends the circuit with its address") {
  network net;
  auto gone = [&] { return running_plane(net.system, net.keys.of("End")).where(); }();
  part first(net.origin, net.system);
  first.plane->attach(first.id, side::far, {gone}, {});
  auto why = first.over().result.error();
  CHECK(why.code == errc::hop_down);
  CHECK_THAT(why.text, Contains(to_string(gone)));
}

TEST_CASE("closing before anything is attached ends the circuit, tokens included") {
  network net;
  part last(net.end, net.system), first(net.origin, net.system);
  auto key = last.plane->expect(last.id, side::near);
  last.plane->close(last.id, {errc::cancelled, "", "not wanted"});
  CHECK(last.over().result.error().text == "not wanted");
  first.plane->attach(first.id, side::far, {net.end.where()}, key);
  CHECK(first.over().result.error().code == errc::bad_token);
}

TEST_CASE("many circuits share a relay") {
  network net;
  constexpr int count = 100;
  auto block = random_bytes(1 << 20, 3);
  std::vector<std::unique_ptr<circuit>> ways;
  std::vector<std::shared_ptr<end_log>> records;
  for (int i = 0; i < count; ++i) ways.push_back(std::make_unique<circuit>(net));
  for (auto& way : ways) {
    records.push_back(std::make_shared<end_log>());
    way->last.run({take{block.size()}, step(send_bytes{as_bytes("!")}), step(done())}, records.back());
    way->first.run({step(send_bytes{block}), take{1}, step(done())});
  }
  for (auto& way : ways)
    for (auto part : {&way->first, &way->middle, &way->last}) CHECK(part->over().result);
  for (auto& record : records) CHECK(record->got == block);
}

TEST_CASE("a plane that stops resets its circuits and tells nobody of its own") {
  network net;
  circuit way(net);
  way.first.run({take{1}, step(done())});
  way.last.run({take{1}, step(done())});
  net.relay->stop();
  CHECK(way.first.over().result.error().code == errc::cut);
  CHECK(way.last.over().result.error().code == errc::cut);
  CHECK_FALSE(way.middle.own.notices->has<ended>());
}

TEST_CASE("the system resolver is asked") {
  network net;
  owner asking(net.system);
  net.origin->resolve(1, "127.3.4.5", asking.as<resolve_owner>());
  auto found = asking.wait<resolved>();
  CHECK(found.number == 1);
  REQUIRE(found.addresses);
  REQUIRE(found.addresses->size() == 1);
  CHECK(to_string(found.addresses->front()) == "127.3.4.5");
  net.origin->resolve(2, "no such host!", asking.as<resolve_owner>());
  auto none = asking.wait<resolved>();
  REQUIRE_FALSE(none.addresses);
  CHECK_THAT(none.addresses.error().text, Contains("the system's resolver") && Contains("no such host!"));
}

TEST_CASE("signals reach their handler, each time") {
  network net;
  running_plane& plane = net.end;
  std::promise<void> twice;
  std::atomic<int> count = 0;
  plane->on_signal([&] {
    if (++count == 2)
      twice.set_value();
    else
      std::raise(SIGINT);
  });
  plane.settle();
  std::raise(SIGTERM);
  CHECK(twice.get_future().wait_for(patience) == std::future_status::ready);
}
