#include "node/trust/own_certificate.hpp"
#include "protocol/trust/issuer.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

constexpr auto one_day = std::chrono::hours{24};

struct aging_node {
  trust::clock_time first{one_day * 365 * 50}, now = first;
  certified_key ca = *make_ca("test", {first - one_day, first + one_day * 365});
  certified_key key = *issue(ca, "HOST1", role::client, {first - one_day, first + one_day * 100});
  own_certificate own{
      *identity::make(key.cert_pem, key.key_pem),
      *trust::make(ca.cert_pem, *make_crl(ca, "", "", {first - one_day, first + one_day * 365})),
      [this] { return now; }};

  std::string state() const { return std::string{to_string(own.now().state)}; }
};

} // namespace

TEST_CASE("the end of a node's own certificate is said once two months ahead") {
  aging_node node;
  node.now = node.first + one_day * 40 - 1s;
  CHECK_FALSE(node.own.news());
  node.now += 1s;
  CHECK_THAT(node.own.news().value(), Contains("60 days"));
  node.now += one_day * 20;
  CHECK_FALSE(node.own.news());
  node.now += one_day * 10;
  CHECK_THAT(node.own.news().value(), Contains("hublink keys"));
}

TEST_CASE("the end of a node's own certificate is said a month ahead, and then every day") {
  aging_node node;
  CHECK(node.state() == "valid");
  CHECK(node.own.now().until == node.first + one_day * 100);
  CHECK_FALSE(node.own.news());
  node.now = node.first + one_day * 70 - 1s;
  CHECK(node.state() == "valid");
  node.now += 1s;
  CHECK(node.state() == "expires-soon");
  CHECK_THAT(node.own.news().value(),
             Contains("HOST1") && Contains("expires at") && Contains("hublink keys"));
  CHECK_FALSE(node.own.news());
  node.now += 23h;
  CHECK_FALSE(node.own.news());
  node.now += 1h;
  CHECK(node.own.news());
  node.now = node.first + one_day * 100 + 1s;
  CHECK(node.state() == "ended");
  CHECK_FALSE(node.own.now().until);
  CHECK_THAT(node.own.now().problem, Contains("expired at"));
  CHECK_THAT(node.own.news().value(), Contains("does not count any more") && Contains("expired at"));
}

TEST_CASE("a clock that was set is noticed both ways") {
  aging_node node;
  node.now += one_day * 200;
  CHECK(node.own.news());
  node.now = node.first;
  CHECK_THAT(node.own.news().value(), Contains("counts, until"));
  CHECK_FALSE(node.own.news());
}

TEST_CASE("how it stands with the next certificate is shown beside the present one") {
  aging_node node;
  CHECK_FALSE(node.own.now().renews);
  node.own.note_renewal(node.first + one_day * 66, "");
  CHECK(node.own.now().renews == node.first + one_day * 66);
  CHECK(node.own.now().not_renewed.empty());
  node.own.note_renewal(node.first + one_day * 67, "no manager");
  node.now = node.first + one_day * 101; // when it has ended, too
  CHECK(node.own.now().renews == node.first + one_day * 67);
  CHECK(node.own.now().not_renewed == "no manager");
}

TEST_CASE("a newer certificate ends what was said of the one before") {
  aging_node node;
  auto newer = issue(node.ca, "HOST1", role::client, {node.first + one_day * 70, node.first + one_day * 300});
  live_identity self{*identity::make(node.key.cert_pem, node.key.key_pem)};
  own_certificate own{
      self, *trust::make(node.ca.cert_pem, *make_crl(node.ca, "", "", {node.first, node.first + one_day})),
      [&] { return node.now; }};
  node.now = node.first + one_day * 75;
  CHECK_THAT(own.news().value(), Contains("expires at"));
  self.replace(*identity::make(newer->cert_pem, newer->key_pem));
  CHECK_THAT(own.news().value(), Contains("counts, until"));
  CHECK(own.now().until == node.first + one_day * 300);
  CHECK_FALSE(own.news());
}
