/// What a hub can put in place of the receiver's answers, or say in somebody's name: the sender gives no key
/// away and calls nothing done.
#include "hostile_hub.hpp"
#include "support/catch.hpp"

#include "protocol/transfer/receipt.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

/// Replaces what the receiver says.
void change_answers(transfer_fixture& t, std::function<std::vector<bytes>(const passing_record&)> change) {
  t.driver.on_the_way = [change = std::move(change)](const passing_record& record) {
    return record.to_receiver ? std::vector<bytes>{record.whole} : change(record);
  };
}

} // namespace

TEST_CASE("a receiver whose certificate does not count gets nothing but the offer") {
  transfer_fixture t;
  SECTION("of another name") { t.receiving.self = t.network.identity_of("HOST3"); }
  SECTION("of another role") { t.receiving.self = t.network.identity_of("HOST2", role::server); }
  SECTION("of another CA") { t.receiving.self = test_ca{}.identity_of("HOST2"); }
  SECTION("revoked") {
    auto keys = t.network.issue("HOST2");
    t.network.revoke(keys);
    t.receiving.self = to_identity(keys);
    t.sending.ca = t.network.trust();
  }
  SECTION("expired") {
    t.receiving.self = t.network.identity_of("HOST2", role::client,
                                             {noon - std::chrono::hours{2}, noon - std::chrono::hours{1}});
  }
  t.run();
  CHECK(t.driver.sent.code() == errc::tampered); // the line may have exchanged it
  CHECK(t.driver.sent.result->error().by == evidence::seen);
  CHECK_FALSE(t.published());
  for (auto& record : t.driver.recorded)
    if (record.to_receiver) CHECK(record.type == record_type::offer);
}

TEST_CASE("READY of another node or exchange gets no envelope") {
  transfer_fixture t;
  auto host3 = t.network.identity_of("HOST3");
  bytes earlier;
  {
    transfer_fixture before;
    before.run();
    earlier = before.driver.recorded.at(1).whole;
  }
  bool replays = false;
  change_answers(t, [&](const passing_record& record) -> std::vector<bytes> {
    if (record.type != record_type::ready) return {record.whole};
    if (replays) return {earlier};
    auto forged = make_statement(record_type::ready, hash_of_offer(t),
                                 encode(ready_record{.receiver = "HOST2", .safe = {}, .receipt = {}}), *host3, true);
    return {make_record(record_type::ready, encode(forged))};
  });
  SECTION("another recipient's") {}
  SECTION("an earlier one") { replays = true; }
  t.run();
  CHECK(t.driver.sent.code() == errc::tampered);
  CHECK_FALSE(t.published());
  for (auto& record : t.driver.recorded)
    if (record.to_receiver) CHECK(record.type == record_type::offer);
}

TEST_CASE("a receipt that is not the receiver's for this attempt leaves the transfer unconfirmed") {
  transfer_fixture before;
  before.run();
  auto earlier = before.driver.recorded.back().whole;
  REQUIRE(before.driver.recorded.back().type == record_type::receipt);

  transfer_fixture t;
  auto forge = [&](const bytes& genuine, auto change, const identity& by) {
    auto said = *read_receipt(body_of(genuine));
    change(said);
    return make_record(record_type::receipt, sign_receipt(said, by));
  };
  auto same = [](receipt&) {};
  auto host9 = t.network.identity_of("HOST9");
  std::function<bytes(const bytes&)> replace;
  SECTION("replayed") {
    replace = [&](const bytes&) { return earlier; };
  }
  SECTION("signed by another client") {
    replace = [&](const bytes& genuine) { return forge(genuine, same, *host9); };
  }
  SECTION("by another client, under its own name") {
    replace = [&](const bytes& genuine) {
      return forge(
          genuine, [](receipt& r) { r.receiver = "HOST9"; }, *host9);
    };
  }
  SECTION("of another attempt") {
    replace = [&](const bytes& genuine) {
      return forge(
          genuine, [](receipt& r) { r.header[0] ^= std::byte{1}; }, *t.receiving.self);
    };
  }
  SECTION("for another digest") {
    replace = [&](const bytes& genuine) {
      return forge(
          genuine, [](receipt& r) { r.digest.back() ^= 1; }, *t.receiving.self);
    };
  }
  SECTION("altered") {
    replace = [&](const bytes& genuine) { return with_flipped_bit(genuine, -200); };
  }
  change_answers(t, [&](const passing_record& record) -> std::vector<bytes> {
    return {record.type == record_type::receipt ? replace(record.whole) : record.whole};
  });
  t.run();
  CHECK(t.driver.sent.code() == errc::unconfirmed);
  CHECK(t.driver.received.done());
}

TEST_CASE("a receipt before its time is no receipt") {
  transfer_fixture before;
  before.run();
  auto earlier = before.driver.recorded.back().whole;
  transfer_fixture t;
  change_answers(t, [&](const passing_record& record) -> std::vector<bytes> {
    if (record.type == record_type::ready) return {earlier, record.whole};
    return {record.whole};
  });
  t.run();
  CHECK(t.driver.sent.code() == errc::bad_message);
  CHECK_FALSE(t.published());
}

TEST_CASE("a hub can break a transfer off, but not put words in anybody's mouth") {
  transfer_fixture t;
  auto host9 = t.network.identity_of("HOST9");
  reason_record lie{errc::superseded, "never mind"};
  SECTION("a refusal in the receiver's name") {
    change_answers(t, [&](const passing_record& record) -> std::vector<bytes> {
      auto forged = make_statement(record_type::refusal, hash_of_offer(t), encode(lie), *host9, true);
      return {make_record(record_type::refusal, encode(forged)), record.whole};
    });
    t.run();
    CHECK(t.driver.sent.code() == errc::tampered);
  }
  SECTION("a refusal of an earlier exchange") {
    auto said = make_statement(record_type::refusal, answers_nothing, encode(lie), *t.receiving.self, true);
    change_answers(t, [&](const passing_record&) -> std::vector<bytes> {
      return {make_record(record_type::refusal, encode(said))};
    });
    t.run();
    CHECK(t.driver.sent.code() == errc::tampered);
  }
  SECTION("an abort in the sender's name") {
    t.change_records([&](const passing_record& record) -> std::vector<bytes> {
      if (record.number != chunk1) return {record.whole};
      auto forged = make_statement(record_type::abort, hash_of_offer(t), encode(lie), *host9, false);
      return {make_record(record_type::abort, encode(forged)), record.whole};
    });
    t.run();
    t.check_refused(errc::tampered);
  }
  CHECK_FALSE(t.published());
}
