#include "broadcast_lab.hpp"
#include "transfer_fixture.hpp"

#include "protocol/digest.hpp"

#include <catch2/catch.hpp>

using namespace hublink;
using namespace hublink::test;
using Catch::Matchers::Contains;
using about = consult_owner::about;

namespace {

std::string sha256_of(const bytes& content) {
  file_digest running{digest_kind::sha256};
  running.add(content);
  return running.text();
}

std::size_t count(const lab_circuit& at, record_type type) {
  return std::size_t(std::count_if(at.recorded.begin(), at.recorded.end(),
                                   [&](const auto& each) { return each.type == type; }));
}

void check_whole(const broadcast_lab& lab, const lab_circuit& at) {
  INFO(at.far.text());
  CHECK(at.far.done());
  REQUIRE(at.far.target.published);
  CHECK(*at.far.target.published == lab.source.content);
}

/// What a receiver keeps between two attempts.
void keep(broadcast_lab& lab, const std::string& name, const lab_circuit& at) {
  lab.targets.at(name) = at.far.target;
  if (at.far.target.noted) lab.safe[name] = *at.far.target.noted;
}

} // namespace

TEST_CASE("a broadcast reaches every receiver, each chunk once on the way to the point") {
  auto size = GENERATE(std::size_t(0), std::size_t(1), std::size_t(16), std::size_t(17), std::size_t(500));
  for (unsigned seed = 1; seed <= 20; ++seed) {
    broadcast_lab lab({"HOST2", "HOST3"}, size);
    lab_point point({"HOST2", "HOST3"});
    auto& first = lab.connect_sender(point);
    auto& two = lab.connect_receiver(point, "HOST2");
    auto& three = lab.connect_receiver(point, "HOST3");
    lab.run(seed);
    INFO("size " << size << ", seed " << seed << ", sender: " << first.near.text()
                 << ", point: " << first.far.text());
    CHECK(first.near.done());
    CHECK(first.far.done());
    for (auto* at : {&two, &three}) {
      check_whole(lab, *at);
      CHECK(at->near.done());
      CHECK(count(*at, record_type::envelope) == 1);
    }
    CHECK(count(first, record_type::envelope) == 2);
    CHECK(count(first, record_type::chunk) == 1 + chunk_count(size, 16));
    CHECK(first.near.end->digest() == sha256_of(lab.source.content));
    REQUIRE(first.near.words.size() == 2);
    CHECK(first.near.words[0].result);
  }
}

TEST_CASE("a broadcast's offer names nobody, and a branch gets no other's envelope") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  lab.connect_receiver(point, "HOST3");
  lab.run();
  REQUIRE(two.far.done());
  for (const auto& record : two.recorded) {
    CHECK(std::string(as_text(record.whole)).find("HOST3") == std::string::npos);
    if (record.type == record_type::offer)
      CHECK(std::string(as_text(record.whole)).find("HOST2") == std::string::npos);
  }
}

TEST_CASE("through two broadcast points the file goes once from one to the other") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    broadcast_lab lab({"HOST2", "HOST3", "HOST4"}, 300);
    lab_point upper({"HOST2", "HOST3", "HOST4"}), lower({"HOST3", "HOST4"});
    auto& first = lab.connect_sender(upper);
    auto& two = lab.connect_receiver(upper, "HOST2");
    auto& between = lab.connect_point(upper, lower, {"HOST3", "HOST4"});
    auto& three = lab.connect_receiver(lower, "HOST3");
    auto& four = lab.connect_receiver(lower, "HOST4");
    lab.run(seed);
    INFO("seed " << seed << ", sender: " << first.near.text() << ", between: " << between.near.text() << ", "
                 << between.far.text());
    CHECK(first.near.done());
    CHECK(between.near.done());
    CHECK(between.far.done());
    for (auto* at : {&two, &three, &four}) check_whole(lab, *at);
    CHECK(count(between, record_type::chunk) == 1 + chunk_count(300, 16));
    CHECK(count(between, record_type::envelope) == 2);
  }
}

TEST_CASE("a receiver that can't be had fails for itself alone") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  point.board->give_up("HOST3", {errc::hop_down, "ServerC", "can't be reached"});
  auto& first = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  lab.run();
  check_whole(lab, two);
  CHECK(first.near.code() == errc::hop_down);
  CHECK_THAT(first.near.text(), Contains("HOST3: can't be reached"));
  CHECK(first.near.words.size() == 2);
}

TEST_CASE("if nobody can be had, nothing more is sent") {
  broadcast_lab lab({"HOST2", "HOST3"}, 100'000);
  lab_point point({"HOST2", "HOST3"});
  for (auto name : {"HOST2", "HOST3"}) point.board->give_up(name, {errc::hop_down, {}, "can't be reached"});
  auto& first = lab.connect_sender(point);
  lab.run();
  CHECK(first.near.code() == errc::hop_down);
  CHECK(count(first, record_type::chunk) < 1000);
}

TEST_CASE("a receiver's own refusal comes to the sender with its signature") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  lab.connect_sender(point);
  lab.connect_receiver(point, "HOST2");
  auto& three = lab.connect_receiver(point, "HOST3");
  verdict no;
  no.decision = verdict::kind::refuse;
  no.why = {errc::superseded, {}, "a later one is there"};
  three.far.owner.by_subject[about::offer] = no;
  // Its owner would give it up once the branch has ended; here it has said so already.
  for (unsigned seed = 1; seed < 3; ++seed) {
    lab.run(seed);
    if (three.near.result && !point.board->is_settled("HOST3"))
      point.board->give_up("HOST3", three.near.result->error());
  }
  CHECK(three.near.code() == errc::superseded);
  REQUIRE(point.board->is_settled("HOST3"));
}

TEST_CASE("the next attempt goes on behind what the spool holds, receivers at their checkpoints") {
  for (std::size_t cut = 3; cut < 14; ++cut)
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

      lab.sending.sending.offer.attempt = 2;
      if (first.near.owner.was_asked(about::all_sent))
        lab.sending.all_sent = checkpoint{100, sha256_of(lab.source.content)};
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
  for (std::size_t cut = 3; cut < 14; ++cut)
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
      lab.sending.sending.offer.attempt = 2;
      if (first.near.owner.was_asked(about::all_sent))
        lab.sending.all_sent = checkpoint{100, sha256_of(lab.source.content)};
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
  point.held->blame(5);
  point.held->blame(6);
  CHECK_FALSE(point.held->is_distrusted()); // a line may flip a bit
  point.held->blame(6);
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

TEST_CASE("a sender that needs no receipts ends once all is durable at the point") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab.sending.until_spooled = true;
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  lab.after_checkpoint = [&] {
    auto kept = point.held->durable();
    point.held->confirm(kept.chunks, !kept.end.empty());
    point.board->give_sign();
  };
  lab.run();
  INFO(first.near.text());
  CHECK(first.near.done());
  CHECK(first.near.words.empty());
  CHECK(count(first, record_type::spool_ready) == 2);
}

TEST_CASE("a spool that has all asks the sender for nothing: the words are fetched") {
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

TEST_CASE("a spool without room refuses at once, in its own name") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  first.far.broken_create = failure{errc::no_space, {}, "the spool is full"};
  lab.run();
  CHECK(first.near.code() == errc::no_space);
  CHECK(first.near.result->error().hop == "ServerB");
  CHECK(count(first, record_type::chunk) == 0);
}

TEST_CASE("a recipient without a certificate that counts is told before anything is sent") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  lab.sending.certificates.erase("HOST3");
  auto& first = lab.connect_sender(point);
  lab.run();
  CHECK(first.near.code() == errc::bad_config);
  CHECK_THAT(first.near.text(), Contains("no certificate of HOST3"));
  CHECK(first.recorded.empty());
}

TEST_CASE(
    "a chunk that was altered before the spool reaches nobody, and the next attempt fills the spool anew") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  auto& three = lab.connect_receiver(point, "HOST3");
  first.on_the_way = [chunks = 0](const passing_record& record) mutable {
    bool hit = record.type == record_type::chunk && ++chunks == 4;
    return std::vector<bytes>{hit ? with_flipped_bit(record.whole, -3) : record.whole};
  };
  lab.run();
  for (auto* at : {&two, &three}) {
    CHECK(at->far.code() == errc::tampered);
    CHECK_FALSE(at->far.target.published);
    CHECK(at->near.code() == errc::tampered);
  }
  CHECK_FALSE(first.near.done());
  CHECK(point.held->is_distrusted()); // two said so
  lab.sending.sending.offer.attempt = 2;
  if (first.near.owner.was_asked(about::all_sent))
    lab.sending.all_sent = checkpoint{100, sha256_of(lab.source.content)};
  keep(lab, "HOST2", two);
  point.board->begin_attempt();
  auto& again = lab.connect_sender(point);
  auto& two_again = lab.connect_receiver(point, "HOST2");
  auto& three_again = lab.connect_receiver(point, "HOST3");
  lab.run();
  INFO(again.near.text());
  CHECK(again.near.done());
  check_whole(lab, two_again);
  check_whole(lab, three_again);
}

TEST_CASE("records of a broadcast that are altered are noticed by their readers") {
  auto type = GENERATE(record_type::offer, record_type::segment, record_type::header, record_type::envelope,
                       record_type::end, record_type::spool_ready);
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  lab.connect_receiver(point, "HOST3");
  first.on_the_way = [=](const passing_record& record) {
    return std::vector<bytes>{record.type == type ? with_flipped_bit(record.whole, -1) : record.whole};
  };
  lab.run();
  INFO(to_string(type) << ": " << first.near.text() << ", " << first.far.text());
  CHECK_FALSE(first.near.done());
  CHECK_FALSE(two.far.target.published);
}

TEST_CASE("records that are altered on the way to a receiver are noticed there") {
  auto type = GENERATE(record_type::offer, record_type::segment, record_type::header, record_type::envelope,
                       record_type::chunk, record_type::end);
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  auto& three = lab.connect_receiver(point, "HOST3");
  two.on_the_way = [=](const passing_record& record) {
    return std::vector<bytes>{record.type == type ? with_flipped_bit(record.whole, -1) : record.whole};
  };
  lab.run();
  INFO(to_string(type) << ": " << two.far.text() << ", " << two.near.text());
  CHECK_FALSE(two.far.done());
  CHECK_FALSE(two.far.target.published);
  check_whole(lab, three);
  CHECK_FALSE(first.near.done());
}

TEST_CASE("a hub can't give one receiver's envelope to another, nor add a receiver") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  lab.connect_sender(point);
  auto& two = lab.connect_receiver(point, "HOST2");
  two.on_the_way = [&](const passing_record& record) {
    if (record.type != record_type::envelope) return std::vector<bytes>{record.whole};
    return std::vector<bytes>{point.held->at(1).part->envelopes.at("HOST3")};
  };
  lab.run();
  CHECK(two.far.code() == errc::not_authorised);
  CHECK_FALSE(two.far.target.published);
}

TEST_CASE("one receiver's receipt does not pass for another's") {
  broadcast_lab lab({"HOST2", "HOST3"});
  lab_point point({"HOST2", "HOST3"});
  auto& first = lab.connect_sender(point);
  lab.connect_receiver(point, "HOST2");
  first.on_the_way = [](const passing_record& record) {
    std::vector<bytes> out{record.whole};
    if (record.type != record_type::branch) return out;
    auto said = decode_branch(byte_view{record.whole}.subspan(record_head));
    if (said && said->name == "HOST2") {
      said->name = "HOST3";
      out.push_back(make_record(record_type::branch, encode(*said)));
    }
    return out;
  };
  lab.run();
  CHECK_FALSE(first.near.done());
  CHECK_THAT(first.near.text(), Contains("receipt of HOST3"));
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
  verdict second;
  second.generation = 2;
  again.near.owner.by_subject[about::source] = second;
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
