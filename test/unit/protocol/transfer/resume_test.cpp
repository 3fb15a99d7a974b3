/// A later attempt goes on where an earlier one left the receiver.
#include "support/catch.hpp"
#include "transfer_fixture.hpp"

#include "protocol/transfer/digest.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

struct resumed : transfer_fixture {
  resumed() {
    driver.source.content = some_content(20 * chunk);
    driver.source.facts.size = driver.source.content.size();
    sending.chunk_size = chunk;
    receiving.interval = {4 * chunk, std::chrono::hours{1}};
  }

  /// The next attempt, with what the receiver noted.
  void again(unsigned seed) {
    ++sending.offer.attempt;
    driver.cut_after = {};
    if (driver.target.noted)
      driver.receiver_owner.answers<question::offer>(decision::welcome{*driver.target.noted});
    driver.target.written = 0;
    driver.sent = driver.received = {};
    run(seed);
  }

  std::string digest_of_first(std::uint64_t count) const {
    file_digest digest{digest_kind::xxh128};
    digest.add(byte_view{driver.source.content}.first(count));
    return digest.text();
  }

  static constexpr std::uint32_t chunk = 1000;
};

} // namespace

TEST_CASE("what was received before a cut is not sent again", "[resume]") {
  auto seed = GENERATE(range(1u, 30u));
  auto records = GENERATE(4u, 9u, 15u, 22u); // offer, header, envelopes, metadata, chunks
  resumed t;
  t.driver.cut_after = records;
  t.run(seed);
  CHECK_FALSE(t.published());
  auto kept = t.driver.target.noted.value_or(checkpoint{});
  CHECK(kept.bytes % t.chunk == 0);
  if (kept.bytes > 0) CHECK(kept.digest == t.digest_of_first(kept.bytes));
  t.again(seed + 1);
  CHECK(t.driver.sent.done());
  CHECK(t.driver.received.done());
  CHECK(*t.driver.target.published == t.driver.source.content);
  CHECK(t.driver.target.written == t.driver.source.content.size() - kept.bytes);
  CHECK(t.driver.sent.digest == t.digest_of_first(t.driver.source.content.size()));
}

TEST_CASE("a checkpoint is made each interval, and told to the sender", "[resume]") {
  resumed t;
  t.run(GENERATE(range(1u, 10u)));
  CHECK(t.driver.received.done());
  REQUIRE(t.driver.target.noted);
  CHECK(t.driver.target.noted->bytes >= 4 * t.chunk);
  CHECK(t.driver.target.noted->digest == t.digest_of_first(t.driver.target.noted->bytes));
}

TEST_CASE("a partial file that is not what its checkpoint says is not used", "[resume]") {
  resumed t;
  t.driver.cut_after = 15;
  t.run();
  REQUIRE(t.driver.target.noted);
  SECTION("altered") { t.driver.target.partial->front() ^= std::byte{1}; }
  SECTION("gone") { t.driver.target.partial.reset(); }
  SECTION("too short") { t.driver.target.partial->resize(10); }
  SECTION("a checkpoint with a digest of no kind") { t.driver.target.noted->digest = "md5:00"; }
  t.again(2);
  CHECK(t.driver.received.done());
  CHECK(*t.driver.target.published == t.driver.source.content);
  CHECK(t.driver.target.written == t.driver.source.content.size());
}

TEST_CASE("a source that changed unnoticed is sent anew, never mixed", "[resume]") {
  resumed t;
  t.driver.cut_after = 15;
  t.run();
  REQUIRE(t.driver.target.noted);
  SECTION("its beginning") { t.driver.source.content[5] ^= std::byte{1}; }
  SECTION("shorter than what is safe") {
    t.driver.source.content.resize(t.driver.target.noted->bytes);
    t.driver.source.facts.size = t.driver.source.content.size();
  }
  SECTION("another chunk size") { t.sending.chunk_size = 700; }
  SECTION("another kind of digest") { t.sending.digest = digest_kind::sha256; }
  t.again(2);
  CHECK(t.driver.received.done());
  CHECK(*t.driver.target.published == t.driver.source.content);
  CHECK(t.driver.target.written == t.driver.source.content.size());
}

TEST_CASE("a failed flush ends the attempt, and leaves the last good checkpoint", "[resume]") {
  resumed t;
  t.driver.target.broken_flush = failure{errc::io_error, {}, "bad blocks"};
  t.run(GENERATE(range(1u, 10u)));
  CHECK_FALSE(t.published());
  CHECK(t.driver.received.code() == errc::io_error);
  CHECK_FALSE(t.driver.target.noted);
}

TEST_CASE("what the disk made safe counts, although the circuit was gone by then", "[resume]") {
  resumed t;
  t.driver.target.flushes_late = true;
  t.driver.cut_after = 15;
  t.run(GENERATE(range(1u, 10u)));
  CHECK_FALSE(t.published());
  REQUIRE(t.driver.target.noted);
  CHECK(t.driver.target.noted->bytes > 0);
  auto kept = t.driver.target.noted->bytes;
  CHECK(t.driver.target.noted->digest == t.digest_of_first(kept));
  t.again(2);
  CHECK(t.driver.received.done());
  CHECK(t.driver.target.written == t.driver.source.content.size() - kept);
}

TEST_CASE("a disk that does not answer is no partial file that is gone", "[resume]") {
  resumed t;
  t.driver.cut_after = 15;
  t.run();
  REQUIRE(t.driver.target.noted);
  auto safe = *t.driver.target.noted;
  t.driver.target.broken_reopen = failure{errc::timed_out, {}, "/data does not answer since 40 s"};
  t.again(2);
  CHECK(t.driver.sent.text() == "/data does not answer since 40 s (at HOST2)");
  CHECK(*t.driver.target.noted == safe);
  t.driver.target.broken_reopen.reset();
  t.again(3);
  CHECK(t.driver.received.done());
}

TEST_CASE("an end says that it lives whenever its peer takes that", "[resume]") {
  resumed t;
  t.driver.signs = true;
  t.run(GENERATE(range(1u, 30u)));
  CHECK(t.driver.sent.done());
  REQUIRE(t.driver.received.done());
  CHECK(*t.driver.target.published == t.driver.source.content);
}

TEST_CASE("where there will be no later attempt nothing is kept", "[resume]") {
  resumed t;
  t.driver.target.broken_write = failure{errc::no_space, {}, "full"};
  t.run();
  CHECK(t.driver.received.code() == errc::no_space);
  CHECK_FALSE(t.driver.target.partial);
}

TEST_CASE("a rename that may not be durable is no refusal", "[resume]") {
  resumed t;
  t.driver.target.broken_publish = failure{errc::unconfirmed, {}, "the directory can't be synced"};
  t.run();
  CHECK(t.driver.received.code() == errc::unconfirmed);
  CHECK(t.driver.sent.code() == errc::unconfirmed);
}

namespace {

/// All was sent and kept, and whether it was renamed nobody knows.
struct begun : resumed {
  begun() {
    driver.target.broken_publish = failure{errc::unconfirmed, {}, "/data does not answer since 40 s"};
    run();
    driver.target.noted.reset();
    driver.target.broken_publish.reset();
    driver.receiver_owner.answers<question::offer>(decision::welcome{
        {},
        false,
        begun_publication{1, driver.receiver_owner.find<question::publishing>()->receipt, "in/x"}});
    driver.receiver_owner.asked.clear();
  }
};

} // namespace

TEST_CASE("what an earlier attempt may have published is settled, not sent again", "[resume]") {
  begun t;
  SECTION("it was renamed") { t.driver.target.published = std::exchange(t.driver.target.partial, {}); }
  SECTION("it was not") {}
  SECTION("and shall be cancelled") { t.sending.offer.cancel = true; }
  SECTION("a job is waited for") {
    t.driver.receiver_owner.answers<question::published>(decision::job_ended{{false, "exit 3"}});
  }
  t.again(2);
  CHECK(t.driver.sent.done());
  CHECK(t.driver.received.done());
  CHECK(t.driver.target.written == 0);
  CHECK(*t.driver.target.published == t.driver.source.content);
  CHECK(t.driver.receiver_owner.was_asked<question::published>());
  CHECK(t.driver.sent.digest == t.digest_of_first(t.driver.source.content.size()));
}

TEST_CASE("what can't be settled yet is unconfirmed, whatever hinders it", "[resume]") {
  begun t;
  const failure hangs{errc::timed_out, {}, "/data does not answer since 50 s"};
  SECTION("the disk") { t.driver.target.broken_settle = hangs; }
  SECTION("another one who publishes there") {
    t.driver.receiver_owner.answers<question::publishing>(decision::refuse{hangs});
  }
  SECTION("and it shall be cancelled") {
    t.sending.offer.cancel = true;
    t.driver.target.broken_settle = hangs;
  }
  t.again(2);
  CHECK(t.driver.sent.code() == errc::unconfirmed);
  CHECK(t.driver.sent.text() == "/data does not answer since 50 s (at HOST2)");
  CHECK(t.driver.received.code() == errc::unconfirmed);
  CHECK(t.driver.target.partial);
  CHECK_FALSE(t.published());
}

TEST_CASE("why a directory can't be looked at is for its own node alone", "[resume]") {
  begun t;
  t.driver.target.broken_settle = failure{errc::unconfirmed, {}, "can't look for in/x"};
  t.again(2);
  CHECK(t.driver.sent.code() == errc::cut);
  CHECK(t.driver.received.code() == errc::unconfirmed);
  CHECK(t.driver.target.partial);
}

TEST_CASE("what is not what was received is sent again", "[resume]") {
  begun t;
  t.driver.target.broken_settle = failure{errc::cut, {}, "in/x: an earlier attempt left something else"};
  t.again(2);
  CHECK(t.driver.received.code() == errc::cut);
  CHECK(t.driver.sent.code() == errc::cut);
  t.driver.receiver_owner.answers<question::offer>(decision::welcome{});
  t.again(3);
  CHECK(t.driver.received.done());
  CHECK(t.driver.target.written == t.driver.source.content.size());
}

TEST_CASE("a later one that was published supersedes what can't be settled", "[resume]") {
  begun t;
  t.driver.receiver_owner.answers<question::publishing>(
      decision::refuse{{errc::superseded, {}, "a later transfer of this file was published already"}});
  t.again(2);
  CHECK(t.driver.sent.code() == errc::superseded);
  CHECK_FALSE(t.driver.target.partial);
}

TEST_CASE("a cancellation is settled by the receiver", "[resume]") {
  resumed t;
  t.sending.offer.cancel = true;
  SECTION("not done") {
    t.driver.target.partial.emplace(5);
    t.driver.receiver_owner.answers<question::offer>(
        decision::refuse{{errc::cancelled, {}, "cancelled by its sender"}});
    t.run();
    CHECK(t.driver.sent.code() == errc::cancelled);
    CHECK_FALSE(t.driver.target.partial);
  }
  SECTION("an owner that ignores it") {
    t.run();
    CHECK(t.driver.sent.code() == errc::bad_message);
  }
  CHECK_FALSE(t.published());
}
