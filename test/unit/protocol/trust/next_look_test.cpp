#include "protocol/trust/next_look.hpp"
#include "support/catch.hpp"
#include "test_ca.hpp"

using namespace hublink;
using namespace hublink::test;
using namespace std::chrono_literals;

TEST_CASE("the next look is at the first certificate's end, and never far away") {
  struct row {
    trust::clock_time end;
    std::chrono::milliseconds next;
  };
  auto each = GENERATE(row{noon + 1s, 1s}, row{noon + 1500us, 10ms}, row{noon + 1234ms, 1234ms},
                       row{noon + 2s, 2s}, row{noon + 24h, 2s}, row{trust::clock_time::max(), 2s},
                       row{noon, 10ms}, row{noon - 240h, 10ms}, row{trust::clock_time::min(), 10ms});
  CHECK(until_next_look(noon, each.end) == each.next);
}

TEST_CASE("a look is never before the end that it is for") {
  for (auto left = 1us; left < 40ms; left += 777us)
    CHECK(noon + until_next_look(noon, noon + left) >= noon + left);
}

TEST_CASE("who is let in is told until when") {
  test_ca network;
  auto ca = network.trust();
  auto brief = network.identity_of("HOST1", role::client, {noon - 1h, noon + 1h});
  auto longer = network.identity_of("HOST2", role::client, {noon - 1h, noon + 240h});
  for (int again = 0; again < 2; ++again) { // the second time it is remembered
    CHECK(ca->check(brief->certificate(), noon)->until == noon + 1h);
    CHECK(ca->check(longer->certificate(), noon)->until == around_noon.until); // its CA's end
  }
  CHECK_FALSE(ca->check(brief->certificate(), noon + 1h + 1s));
  CHECK(ca->check(brief->certificate(), noon)); // the clock was set back
}

TEST_CASE("who signed long ago still did, unless he was revoked or is a stranger") {
  test_ca network, other;
  auto manager = network.issue("MGR", role::manager, {noon - 2h, noon - 1h});
  auto certificate = to_identity(manager);
  CHECK_FALSE(network.trust()->check(certificate->certificate(), noon));
  auto who = network.trust()->check_signer(certificate->certificate());
  REQUIRE(who);
  CHECK(who->name == "MGR");
  CHECK_FALSE(other.trust()->check_signer(certificate->certificate()));
  network.revoke(manager);
  CHECK_FALSE(network.trust()->check_signer(certificate->certificate()));
}
