// What later attempts of a broadcast begin with.
#include "broadcast_checks.hpp"

#include "protocol/base/cbor_fields.hpp"

using namespace hublink;
using namespace hublink::test;
TEST_CASE("the next attempt goes on behind what the spool holds, receivers at their checkpoints") {
  const bool is_renewed = GENERATE(false, true); // the sender's certificate, in between
  for (std::size_t cut = 3; cut < 13; ++cut)
    for (unsigned seed = 1; seed <= 8; ++seed) {
      broadcast_lab lab({"HOST2", "HOST3"}, 100);
      lab_point point({"HOST2", "HOST3"});
      auto& first = lab.connect_sender(point);
      auto& two = lab.connect_receiver(point, "HOST2");
      first.cut_after = cut;
      lab.run(seed);
      INFO("cut after " << cut << ", seed " << seed << ": " << first.near.text() << ", " << two.far.text());
      CHECK_FALSE(first.near.done());
      CHECK_FALSE(two.far.target.published);
      keep(lab, "HOST2", two);
      auto there = point.held->held().chunks;

      if (is_renewed) lab.sending.sending.self = lab.network.identity_of("HOST1");
      begin_second_attempt(lab, first);
      point.board->begin_attempt();
      auto& again = lab.connect_sender(point);
      auto& two_again = lab.connect_receiver(point, "HOST2");
      auto& three = lab.connect_receiver(point, "HOST3");
      lab.run(seed);
      INFO("again: " << again.near.text() << ", " << again.far.text() << ", " << two_again.far.text() << ", "
                     << three.far.text());
      CHECK(again.near.done());
      check_whole(lab, two_again);
      check_whole(lab, three);
      CHECK(count(again, record_type::chunk) == 1 + 7 - there);
    }
}

TEST_CASE("a point that was restarted goes on behind what its journal and its disk have") {
  const std::vector<std::string> names{"HOST2", "HOST3"};
  for (std::size_t cut = 3; cut < 13; ++cut)
    for (unsigned seed = 1; seed <= 8; ++seed) {
      broadcast_lab lab(names, 100);
      lab_point point(names);
      auto& first = lab.connect_sender(point);
      auto& two = lab.connect_receiver(point, "HOST2");
      first.cut_after = cut;
      lab.run(seed);
      keep(lab, "HOST2", two);
      auto kept = point.held->durable();
      INFO("cut after " << cut << ", seed " << seed << ", " << kept.chunks << " chunks are safe of "
                        << point.held->held().chunks);
      CHECK(point.held->held().chunks - kept.chunks <= 3); // what fits between two checkpoints
      if (kept.offer.empty()) continue;

      lab_point again(names);
      REQUIRE(again.held->restore(kept, "FILE03"));
      *again.file = *point.file;
      again.file->resize(spool::length_of(kept.chunks, 100, kept.chunk_size));
      CHECK(again.held->held().complete == !kept.end.empty());
      CHECK(again.held->offer_hash() == point.held->offer_hash());
      begin_second_attempt(lab, first);
      auto& sender = lab.connect_sender(again);
      auto& two_again = lab.connect_receiver(again, "HOST2");
      auto& three = lab.connect_receiver(again, "HOST3");
      lab.run(seed);
      INFO("again: " << sender.near.text() << ", " << sender.far.text() << ", " << two_again.far.text()
                     << ", " << three.far.text());
      CHECK(sender.near.done());
      check_whole(lab, two_again);
      check_whole(lab, three);
      CHECK(count(sender, record_type::chunk) == (kept.end.empty() ? 1 + 7 - kept.chunks : 0));
    }
}

TEST_CASE("a later attempt begins again where a branch found the spool altered") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  lab.connect_sender(point);
  lab.run();
  REQUIRE(point.held->held().complete);
  point.held->blame(5, 0ms);
  point.held->blame(6, 0ms);
  CHECK_FALSE(point.held->is_distrusted()); // a line may flip a bit
  point.held->blame(6, 0ms);
  point.held->distrust(5);
  point.held->offered(point.held->offer(), point.held->offer_record());
  CHECK(point.held->held().chunks == 4);
  CHECK_FALSE(point.held->held().complete);
  CHECK_FALSE(point.held->is_safe());
}

TEST_CASE("a receiver names the chunk that did not open, and gets it from the next attempt") {
  broadcast_lab lab({"HOST2"});
  lab_point point({"HOST2"});
  auto& first = lab.connect_sender(point);
  lab.run();
  REQUIRE(point.held->held().complete);
  (*point.file)[spool::offset_of(4, 16) + record_head + 3] ^= std::byte{1};
  for (int i = 0; i < 2; ++i) {
    CHECK_FALSE(point.held->is_distrusted());
    auto& two = lab.connect_receiver(point, "HOST2");
    lab.run();
    CHECK(two.near.code() == errc::tampered);
    keep(lab, "HOST2", two);
    point.board->begin_attempt();
  }
  REQUIRE(point.held->is_distrusted());
  lab.sending.sending.offer.attempt = 2;
  lab.sending.all_sent = checkpoint{100, sha256_of(lab.source.content)};
  auto& again = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  lab.run();
  INFO(first.near.text() << ", " << again.near.text() << ", " << two.far.text());
  CHECK(again.near.done());
  check_whole(lab, two);
  CHECK(count(again, record_type::chunk) == 1 + 7 - 3);
}

TEST_CASE("a point says upwards what came bad again, and gets it from the sender") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point upper({"HOST2", "HOST3"}), lower({"HOST2", "HOST3"});
  lab.connect_sender(upper);
  lab.run();
  REQUIRE(upper.held->held().complete);
  (*upper.file)[spool::offset_of(4, 16) + record_head + 3] ^= std::byte{1};
  for (int discarded = 1; discarded <= 2; ++discarded) {
    CHECK_FALSE(upper.held->is_distrusted());
    auto& between = lab.connect_point(upper, lower, {"HOST2", "HOST3"});
    lab.connect_receiver(lower, "HOST2");
    lab.connect_receiver(lower, "HOST3");
    lab.run();
    INFO(between.near.text() << ", " << between.far.text());
    CHECK(lower.held->is_distrusted());
    CHECK(between.far.code() == (discarded == 1 ? errc::cut : errc::tampered));
    for (auto* at : {&upper, &lower}) at->board->begin_attempt();
  }
  REQUIRE(upper.held->is_distrusted());
  CHECK(upper.held->bad_from_above() == 0); // for the first time there
  lab.sending.sending.offer.attempt = 2;
  lab.sending.all_sent = checkpoint{100, sha256_of(lab.source.content)};
  auto& again = lab.connect_sender(upper);
  lab.connect_point(upper, lower, {"HOST2", "HOST3"});
  auto& two = lab.connect_receiver(lower, "HOST2");
  auto& three = lab.connect_receiver(lower, "HOST3");
  lab.run();
  CHECK(again.near.done());
  check_whole(lab, two);
  check_whole(lab, three);
  CHECK(count(again, record_type::chunk) == 1 + 7 - 3);
}

TEST_CASE("a spool that has all asks the sender for nothing: the results are fetched") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  lab.run();
  CHECK(first.near.code() == errc::unconfirmed);
  REQUIRE(point.held->held().complete);
  lab.sending.sending.offer.attempt = 2;
  lab.sending.all_sent = checkpoint{100, sha256_of(lab.source.content)};
  lab.source.broken_open = failure{errc::file_missing, {}, "gone"};
  auto& again = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  auto& three = lab.connect_receiver(point, "HOST3");
  lab.run();
  INFO(again.near.text());
  CHECK(again.near.done());
  check_whole(lab, two);
  check_whole(lab, three);
  CHECK(count(again, record_type::chunk) == 0);
}

TEST_CASE("a source that changed before all was sent begins a new generation in the spool") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  first.cut_after = 8;
  lab.run();
  REQUIRE(point.held->held().chunks > 0);
  lab.sending.sending.offer.attempt = 2;
  for (auto& each : lab.source.content) each ^= std::byte{1};
  auto& again = lab.connect_sender(point);
  again.near.owner.answers<question::source>(decision::generation{2});
  auto& two = lab.connect_receiver(point, "HOST2");
  auto& three = lab.connect_receiver(point, "HOST3");
  lab.run();
  INFO(again.near.text());
  CHECK(again.near.done());
  check_whole(lab, two);
  check_whole(lab, three);
  CHECK(count(again, record_type::chunk) == 1 + 7);
}

TEST_CASE("what was sent to its end once is not sent with other content") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  lab.sending.all_sent = checkpoint{100, sha256_of(bytes(100))}; // and the spool was lost
  auto& first = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  lab.run();
  CHECK(first.near.code() == errc::file_changed);
  CHECK_FALSE(two.far.target.published);
}

TEST_CASE("receivers that are done are not asked again") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  lab.run();
  check_whole(lab, two);
  CHECK(point.board->begin_attempt() == std::vector<std::string>{"HOST3"});
}

TEST_CASE("a receiver whose certificate was renewed gives its receipt once more, and no content travels") {
  broadcast_lab lab({"HOST2"});
  lab_point point({"HOST2"});
  auto& first = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  lab.run();
  check_whole(lab, two);
  REQUIRE(first.near.done());
  auto kept = two.far.owner.find<question::publishing>()->receipt;
  lab.receivers["HOST2"] = lab.network.identity_of("HOST2");
  point.board->drop_receipts_unless([](const branch_record&) { return false; });

  begin_second_attempt(lab, first);
  CHECK(point.board->begin_attempt() == std::vector<std::string>{"HOST2"});
  auto& again = lab.connect_sender(point);
  auto& two_again = lab.connect_receiver(point, "HOST2");
  two_again.far.owner.answers<question::offer>(decision::already_done{kept});
  lab.run();
  INFO(again.near.text() << ", " << two_again.far.text());
  CHECK(again.near.done());
  CHECK(count(two_again, record_type::chunk) == 0);
  std::size_t told = 0;
  auto said = point.board->news(told);
  REQUIRE(said.size() == 1);
  CHECK(said[0].body != kept);
  auto own = lab.receivers["HOST2"]->certificate();
  auto shown = read_statement(record_type::receipt, answers_nothing, said[0].body)->certificate;
  CHECK(std::ranges::equal(shown, own));
}

TEST_CASE("what an earlier version left in a spool is asked of the sender again") {
  const std::vector<std::string> names{"HOST2", "HOST3"};
  broadcast_lab lab(names, 100);
  lab_point point(names);
  auto& first = lab.connect_sender(point);
  lab.run();
  auto kept = point.held->durable();
  REQUIRE_FALSE(kept.end.empty());
  auto part = *kept.parts.at(0);
  auto said =
      *read_statement(record_type::header, answers_nothing, byte_view{part.header}.subspan(record_head));
  auto map = *cbor::parse_map(said.body);
  map["suite"] = "aes-256-gcm-stream";
  said.body = cbor::to_bytes(map);
  part.header = make_record(record_type::header, encode(said));
  for (auto& [name, envelope] : part.envelopes) envelope.resize(284);
  kept.parts[0] = std::make_shared<const spool::segment>(part);

  lab_point again(names);
  REQUIRE(again.held->restore(kept, "FILE03"));
  CHECK_FALSE(again.held->held().complete);
  CHECK_FALSE(again.held->is_safe());
  CHECK(again.held->is_distrusted());
  begin_second_attempt(lab, first);
  auto& sender = lab.connect_sender(again);
  auto& two = lab.connect_receiver(again, "HOST2");
  auto& three = lab.connect_receiver(again, "HOST3");
  lab.run();
  CHECK(sender.near.done());
  check_whole(lab, two);
  check_whole(lab, three);
}

TEST_CASE("a receipt that a line alters between two points makes nobody done there") {
  const std::vector<std::string> names{"HOST2", "HOST3"};
  for (auto at : {-1, -200, -400}) {
    broadcast_lab lab(names);
    lab_point upper(names), lower(names);
    lab.connect_sender(upper);
    auto& between = lab.connect_point(upper, lower, names);
    lab.connect_receiver(lower, "HOST2");
    lab.connect_receiver(lower, "HOST3");
    between.on_the_way = [at](const passing_record& record) {
      return std::vector<bytes>{record.type == record_type::branch ? with_flipped_bit(record.whole, at)
                                                                   : record.whole};
    };
    lab.run();
    INFO("at " << at << ": " << between.near.text());
    CHECK(lower.board->all_done());
    CHECK_FALSE(upper.board->is_done("HOST2"));
    CHECK_FALSE(upper.board->is_done("HOST3"));
    CHECK_FALSE(between.near.done());
  }
}

TEST_CASE("receivers behind a point that has all are in doubt once its circuit broke") {
  const std::vector<std::string> names{"HOST2", "HOST3"};
  for (auto cut : {std::size_t{4}, std::size_t{100}}) {
    broadcast_lab lab(names);
    lab_point upper(names), lower(names);
    lab.connect_sender(upper);
    lab.connect_point(upper, lower, names).cut_after = cut;
    lab.run(); // nobody there says anything
    const bool has_all = lower.held->held().complete;
    CHECK(has_all == (cut == 100));
    upper.board->give_up("HOST2", {errc::hop_down, "ServerC", "can't be reached"});
    std::size_t told = 0;
    CHECK(upper.board->news(told).front().why.code == (has_all ? errc::unconfirmed : errc::hop_down));
  }
}

TEST_CASE("a point that does not have what was sent before knows nothing of its receivers") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  lab.sending.all_sent = checkpoint{100, sha256_of(lab.source.content)};
  point.board->give_up("HOST3", {errc::hop_down, "ServerC", "can't be reached"});
  auto& first = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  lab.run();
  check_whole(lab, two);
  CHECK(first.near.code() == errc::unconfirmed);
  REQUIRE(first.near.results.size() == 2);
  for (const auto& each : first.near.results)
    if (each.name == "HOST3") CHECK(each.result.error().code == errc::unconfirmed);
}
