/// Transfers that are replayed, forged or meant for somebody else: the receiver refuses them before it makes
/// a file.
#include "hostile_hub.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;

TEST_CASE("a whole transfer played again publishes nothing") {
  auto before = recording();
  transfer_fixture t;
  t.driver.on_the_way = [&](const passing_record& record) -> std::vector<bytes> {
    return record.to_receiver && record.number == 0 ? before : std::vector<bytes>{};
  };
  t.run();
  t.check_refused(errc::tampered);
  CHECK(t.driver.target.wanted.transfer.empty()); // not even a partial file was made
}

TEST_CASE("a transfer forged for the receiver's certificate is refused") {
  /// HOST1's certificate with somebody else's key.
  struct impostor : identity {
    std::shared_ptr<const identity> shown, real;
    const std::string& name() const override { return shown->name(); }
    hublink::role role() const override { return shown->role(); }
    byte_view certificate() const override { return shown->certificate(); }
    bytes sign(byte_view data) const override { return real->sign(data); }
    outcome<envelope_secret> open_envelope(byte_view envelope, byte_view info) const override {
      return real->open_envelope(envelope, info);
    }
  };
  transfer_fixture t;
  SECTION("by another client of the network, under its own name") {
    t.sending.self = t.network.identity_of("HOST9");
    t.run();
    t.check_refused(errc::tampered);
  }
  SECTION("by another client that offers as HOST9") {
    t.sending.self = t.network.identity_of("HOST9");
    t.sending.offer.sender = "HOST9";
    t.run();
    t.check_refused(errc::tampered);
  }
  SECTION("by a server of the same name") {
    t.sending.self = t.network.identity_of("HOST1", role::server);
    t.run();
    t.check_refused(errc::tampered);
  }
  SECTION("with the sender's certificate") {
    auto forger = std::make_shared<impostor>();
    forger->shown = t.sending.self;
    forger->real = t.network.identity_of("HOST9");
    t.sending.self = forger;
    t.run();
    t.check_refused(errc::tampered);
  }
  CHECK(t.driver.receiver_owner.asked.empty());
}

TEST_CASE("an offer for another file, circuit, recipient or time is refused") {
  transfer_fixture t;
  auto expected = errc::not_authorised;
  SECTION("file") {
    t.sending.offer.file = "FILE02";
    expected = errc::tampered; // a hub may have moved it
  }
  SECTION("circuit") {
    t.sending.open_id = "fedcba9876543210";
    expected = errc::tampered;
  }
  SECTION("recipient") { t.sending.offer.recipients = {"HOST3"}; }
  SECTION("sender") { t.sending.offer.sender = "HOST3"; }
  SECTION("time") { t.sending.offer.time_ms += 1000LL * 3600 * 25; }
  t.run();
  t.check_refused(expected);
  CHECK(t.driver.receiver_owner.asked.empty());
}

TEST_CASE("a sender whose certificate does not count is refused, and told why") {
  transfer_fixture t;
  auto past = validity{noon - std::chrono::hours{2}, noon - std::chrono::hours{1}};
  SECTION("expired") {
    t.sending.self = t.network.identity_of("HOST1", role::client, past);
    t.run();
    CHECK_THAT(t.driver.sent.text(), Contains("expired"));
  }
  SECTION("revoked") {
    auto keys = t.network.issue("HOST1");
    t.network.revoke(keys);
    t.sending.self = to_identity(keys);
    t.receiving.ca = t.network.trust();
    t.run();
    CHECK_THAT(t.driver.sent.text(), Contains("revoked"));
  }
  SECTION("of another CA") {
    t.sending.self = test_ca{}.identity_of("HOST1");
    t.run();
    CHECK_THAT(t.driver.sent.text(), Contains("not of this network's CA"));
  }
  t.check_refused(errc::tampered);
  CHECK(t.driver.sent.code() == errc::tampered);
}
