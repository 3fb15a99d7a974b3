#include "protocol/request/request_ends.hpp"
#include "support/catch.hpp"
#include "transfer_fixture.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

const request_answer some_answer{"0190a1b2c3d4e5f60718293a4b5c6d7f", "queued", 0, 12, {}};

/// HOST2 asks HOST1 for FILE01.
struct request_fixture {
  request_fixture() {
    auto now = [] { return noon; };
    asking = {some_transfer,   "FILE01", "HOST1", false, some_open_id, network.identity_of("HOST2"),
              network.trust(), now};
    answering = {some_transfer,   "FILE01", {"HOST2", "HOST3"}, some_open_id, network.identity_of("HOST1"),
                 network.trust(), now};
    driver.receiver_owner.answers<question::request>(decision::served{encode(some_answer)});
  }

  void run(unsigned seed = 1) {
    auto requester = make_asking_end(asking);
    auto source = make_answering_end(answering);
    driver.sent = driver.received = {};
    driver.run(*requester, *source, seed);
  }
  /// Nobody was asked to send anything.
  void check_refused(errc code) {
    CAPTURE(driver.sent.text(), driver.received.text());
    CHECK(driver.receiver_owner.asked.empty());
    CHECK(driver.received.code() == code);
    CHECK_FALSE(driver.sent.done());
  }

  test_ca network;
  asking_end_config asking;
  answering_end_config answering;
  end_driver driver;
};

} // namespace

TEST_CASE("the source hears who wants what, and the requester what becomes of it") {
  request_fixture on;
  on.asking.resend = GENERATE(false, true);
  for (unsigned seed = 1; seed <= 50; ++seed) {
    on.driver.sender_owner.asked.clear();
    on.driver.receiver_owner.asked.clear();
    on.run(seed);
    CAPTURE(seed, on.driver.sent.text(), on.driver.received.text());
    REQUIRE(on.driver.sent.done());
    REQUIRE(on.driver.received.done());
    REQUIRE(on.driver.receiver_owner.asked.size() == 1);
    auto asked = decode_request(std::get<question::request>(on.driver.receiver_owner.asked.front()).body);
    REQUIRE(asked);
    CHECK(asked->request == some_transfer);
    CHECK(asked->requester == "HOST2");
    CHECK(asked->resend == on.asking.resend);
    REQUIRE(on.driver.sender_owner.asked.size() == 1);
    auto answered =
        decode_request_answer(std::get<question::answer>(on.driver.sender_owner.asked.front()).body);
    REQUIRE(answered);
    CHECK(*answered == some_answer);
  }
}

TEST_CASE("a requester that the source's definition does not name is refused, and told so") {
  request_fixture on;
  on.answering.requesters = {"HOST3"};
  on.run();
  on.check_refused(errc::not_authorised);
  CHECK(on.driver.sent.code() == errc::not_authorised);
  CHECK(on.driver.sent.result->error().hop == "HOST1");
}

TEST_CASE("the owner's refusal reaches the requester") {
  request_fixture on;
  on.driver.receiver_owner.answers<question::request>(
      decision::refuse{{errc::never_sent, "HOST1", "nothing to resend"}});
  on.run();
  CHECK(on.driver.sent.code() == errc::never_sent);
  CHECK(on.driver.sent.text() == "nothing to resend (at HOST1)");
}

TEST_CASE("a request is good for its circuit, its file, its id and its day alone") {
  request_fixture on;
  auto expected = errc::tampered;
  SECTION("another circuit") { on.answering.open_id = "fedcba9876543210"; }
  SECTION("another file") { on.answering.file = "FILE02"; }
  SECTION("another id") { on.answering.request = some_answer.transfer; }
  SECTION("another day") {
    expected = errc::not_authorised;
    on.asking.now = [] { return noon - std::chrono::hours{25}; };
  }
  SECTION("another CA") { on.answering.ca = test_ca{}.trust(); }
  SECTION("another role") { on.asking.self = on.network.identity_of("HOST2", role::server); }
  on.run();
  on.check_refused(expected);
}

TEST_CASE("only the source may answer") {
  request_fixture on;
  on.answering.self = on.network.identity_of("HOST3");
  on.run();
  CHECK(on.driver.sent.code() == errc::tampered);
  CHECK(on.driver.sender_owner.asked.empty());
}

TEST_CASE("a hub can break the exchange, and nothing else") {
  request_fixture on;
  auto at = GENERATE(5, 9, 60, 200, -1, -40);
  auto to_source = GENERATE(true, false);
  on.driver.on_the_way = [=](const passing_record& record) {
    return std::vector<bytes>{record.to_receiver == to_source ? with_flipped_bit(record.whole, at)
                                                              : record.whole};
  };
  on.run();
  CAPTURE(on.driver.sent.text());
  CHECK_FALSE(on.driver.sent.done());
  CHECK(on.driver.sender_owner.asked.empty());
  if (to_source) CHECK(on.driver.receiver_owner.asked.empty());
}

TEST_CASE("a circuit that is cut leaves no end waiting") {
  request_fixture on;
  if (GENERATE(true, false))
    on.driver.cut_after = 0;
  else
    on.driver.cut_back_after = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    on.run(seed);
    REQUIRE(on.driver.sent.result);
    REQUIRE(on.driver.received.result);
    CHECK_FALSE(on.driver.sent.done());
  }
}
