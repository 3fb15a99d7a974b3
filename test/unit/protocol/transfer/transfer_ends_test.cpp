#include "support/catch.hpp"
#include "transfer_fixture.hpp"

#include "protocol/transfer/digest.hpp"
#include "protocol/transfer/receipt.hpp"

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;

namespace {

std::string digest_of(byte_view content, digest_kind kind = digest_kind::xxh128) {
  file_digest running{kind};
  running.add(content);
  return running.text();
}

std::vector<std::string> subjects(const owner_answers& owner) {
  std::vector<std::string> all;
  for (auto& asked : owner.asked) all.emplace_back(name_of(asked));
  return all;
}

} // namespace

TEST_CASE("a file of any size arrives whole, in whatever order things happen") {
  auto size = GENERATE(0, 1, 15, 16, 17, 31, 32, 33, 100, 1000);
  for (unsigned seed = 1; seed <= 20; ++seed) {
    transfer_fixture t;
    t.driver.source.content = some_content(static_cast<std::size_t>(size));
    t.run(seed);
    INFO("seed " << seed << ", sender: " << t.driver.sent.text()
                 << ", receiver: " << t.driver.received.text());
    CHECK(t.driver.sent.done());
    CHECK(t.driver.received.done());
    REQUIRE(t.published());
    CHECK(*t.driver.target.published == t.driver.source.content);
    CHECK(t.driver.sent.digest == digest_of(t.driver.source.content));
    CHECK(t.driver.received.digest == t.driver.sent.digest);
    for (auto* end : {&t.driver.sent, &t.driver.received}) {
      CHECK(end->progress.bytes == t.driver.source.content.size());
      CHECK(end->progress.size == t.driver.source.content.size());
    }
  }
}

TEST_CASE("chunks of a byte and SHA-256 do as well") {
  transfer_fixture t;
  t.sending.chunk_size = 1;
  t.sending.digest = digest_kind::sha256;
  t.run();
  CHECK(t.driver.received.done());
  CHECK(t.driver.sent.digest == digest_of(t.driver.source.content, digest_kind::sha256));
}

TEST_CASE("the owners are asked at the right moments") {
  transfer_fixture t;
  t.driver.source.facts.mode = 0640;
  t.run();
  CHECK(subjects(t.driver.sender_owner) == std::vector<std::string>{"source", "all_sent"});
  CHECK(subjects(t.driver.receiver_owner) == std::vector<std::string>{"offer", "publishing", "published"});
  auto& offer = t.driver.receiver_owner.find<question::offer>()->made;
  CHECK(offer.transfer == some_transfer);
  CHECK(offer.sequence == 7);
  CHECK(offer.sender == "HOST1");
  CHECK(offer.recipients == std::vector<std::string>{"HOST2"});
  auto& publishing = *t.driver.receiver_owner.find<question::publishing>();
  CHECK(publishing.size == 40);
  CHECK(publishing.digest == t.driver.received.digest);
  auto receipt = verify_receipt(publishing.receipt, *t.receiving.ca, noon);
  REQUIRE(receipt);
  CHECK(receipt->transfer == some_transfer);
  CHECK(receipt->receiver == "HOST2");
  CHECK(receipt->digest == t.driver.received.digest);
  CHECK(t.driver.target.wanted.mode == 0640);
  CHECK(t.driver.target.wanted.transfer == some_transfer);
}

TEST_CASE("what passes the hub shows neither content nor name") {
  transfer_fixture t;
  t.driver.source.content.assign(200, std::byte{'Z'});
  t.run();
  REQUIRE(t.driver.received.done());
  for (auto& record : t.driver.recorded) {
    auto text = as_text(record.whole);
    CHECK(text.find("ZZZZ") == std::string::npos);
    CHECK(text.find("report.bin") == std::string::npos);
  }
}

TEST_CASE("a file that changes while it is sent is no transfer") {
  transfer_fixture t;
  t.driver.source.later = t.driver.source.facts;
  t.driver.source.later->size = t.driver.source.content.size();
  t.driver.source.later->modified_ns += 1;
  t.run();
  CHECK(t.driver.sent.code() == errc::file_changed);
  CHECK(t.driver.sent.courtesy);
  CHECK(t.driver.received.code() == errc::file_changed);
  CHECK(t.driver.received.result->error().hop == "HOST1");
  t.check_refused(errc::file_changed);
}

TEST_CASE("the sender's own trouble with the file is told to the receiver") {
  transfer_fixture t;
  SECTION("at opening: nothing was offered yet") {
    t.driver.source.broken_open = failure{errc::file_denied, {}, "no permission"};
    t.run();
    CHECK(t.driver.sent.code() == errc::file_denied);
    t.check_refused(errc::cut);
    CHECK(t.driver.receiver_owner.asked.empty());
  }
  SECTION("at reading") {
    t.driver.source.broken_read = failure{errc::io_error, {}, "the disk is broken"};
    t.run();
    CHECK(t.driver.sent.code() == errc::io_error);
    t.check_refused(errc::io_error);
    CHECK_THAT(t.driver.received.text(), Contains("history of that node") && Contains("HOST1"));
  }
}

TEST_CASE("the receiver's own trouble is told to the sender, at whatever step") {
  transfer_fixture t;
  failure full{errc::no_space, {}, "the disk of in/ is full"};
  auto& target = t.driver.target;
  auto step = GENERATE(0, 1, 2, 3);
  (step == 0   ? target.broken_create
   : step == 1 ? target.broken_write
   : step == 2 ? target.broken_sync
               : target.broken_publish) = full;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    t.run(seed);
    t.check_refused(errc::no_space);
    CHECK(t.driver.sent.code() == errc::no_space);
    CHECK(t.driver.sent.result->error().hop == "HOST2");
    CHECK(t.driver.sent.result->error().text == text_for_others(full));
    CHECK(t.driver.received.courtesy);
  }
}

TEST_CASE("an owner that refuses decides") {
  transfer_fixture t;
  decision::refuse no{{errc::superseded, {}, "sequence 9 was published"}};
  SECTION("the offer") {
    t.driver.receiver_owner.answers<question::offer>(no);
    t.run();
    t.check_refused(errc::superseded);
    CHECK(t.driver.sent.code() == errc::superseded);
    CHECK(t.driver.target.wanted.transfer.empty());
  }
  SECTION("publishing") {
    t.driver.receiver_owner.answers<question::publishing>(no);
    t.run();
    t.check_refused(errc::superseded);
    CHECK(t.driver.sent.code() == errc::superseded);
  }
  SECTION("the end, at the sender") {
    t.driver.sender_owner.answers<question::all_sent>(decision::refuse{{errc::cancelled, {}, "by user"}});
    t.run();
    t.check_refused(errc::cancelled);
    CHECK(t.driver.sent.code() == errc::cancelled);
  }
}

TEST_CASE("an owner's answer to another question ends the transfer, and nothing is published") {
  transfer_fixture t;
  SECTION("the end, at the sender") {
    t.driver.sender_owner.answers<question::all_sent>(decision::working{});
  }
  SECTION("the offer") { t.driver.receiver_owner.answers<question::offer>(decision::go_on{}); }
  SECTION("publishing") { t.driver.receiver_owner.answers<question::publishing>(decision::working{}); }
  t.run();
  t.check_refused(errc::failed);
  CHECK(t.driver.sent.code() == errc::failed);
  CHECK_THAT(t.driver.sent.text(), Contains("is to another question"));
}

TEST_CASE("an owner that does not name the source's generation sends nothing") {
  transfer_fixture t;
  t.driver.sender_owner.answers<question::source>(decision::welcome{});
  t.run();
  CHECK(t.driver.sent.code() == errc::failed);
  CHECK(t.driver.recorded.empty());
}

TEST_CASE("a circuit cut at any record leaves no doubt that isn't said") {
  transfer_fixture whole;
  whole.run();
  for (std::size_t at = 0; at < whole.driver.recorded.size(); ++at)
    for (unsigned seed = 1; seed <= 10; ++seed)
      for (bool back : {false, true}) {
        transfer_fixture t;
        (back ? t.driver.cut_back_after : t.driver.cut_after) = at;
        t.run(seed);
        INFO("cut at " << at << (back ? " back" : "") << ", seed " << seed
                       << ", sender: " << t.driver.sent.text() << ", receiver: " << t.driver.received.text());
        CHECK(t.published() == t.driver.received.done());
        if (t.driver.sent.done()) CHECK(t.published());
        if (t.published() && !t.driver.sent.done()) CHECK(t.driver.sent.code() == errc::unconfirmed);
        if (!t.published() && !t.driver.sender_owner.was_asked<question::all_sent>())
          CHECK(t.driver.sent.code() == errc::cut);
      }
}

TEST_CASE("a transfer that is done already is answered with its stored receipt and nothing else") {
  transfer_fixture t;
  t.run();
  REQUIRE(t.driver.received.done());
  auto stored = t.driver.receiver_owner.find<question::publishing>()->receipt;
  auto again = [&](transfer_fixture& next, unsigned seed = 1) {
    next.sending.offer.attempt = 2;
    next.driver.receiver_owner.answers<question::offer>(decision::already_done{stored});
    next.run(seed);
    CHECK(next.driver.received.done());
    CHECK_FALSE(next.driver.sender_owner.was_asked<question::all_sent>());
    CHECK_FALSE(next.published());
    CHECK(next.driver.target.wanted.transfer.empty());
  };
  SECTION("by this very transfer") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
      transfer_fixture next;
      again(next, seed);
      CHECK(next.driver.sent.done());
      CHECK(next.driver.sent.digest == t.driver.sent.digest);
    }
  }
  SECTION("also if the source has changed since: done is what was sent then") {
    transfer_fixture next;
    next.driver.source.content = some_content(41);
    again(next);
    CHECK(next.driver.sent.done());
    CHECK(next.driver.sent.digest == t.driver.sent.digest);
  }
  SECTION("a receipt of another transfer convinces nobody") {
    transfer_fixture next;
    next.sending.offer.transfer[0] = '1';
    again(next);
    CHECK(next.driver.sent.code() == errc::tampered);
  }
}
