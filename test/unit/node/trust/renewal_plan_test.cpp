#include "node/trust/renewal_plan.hpp"
#include "protocol/trust/issuer.hpp"
#include "protocol/trust/pem_block.hpp"
#include "protocol/trust/signed_form.hpp"
#include "support/catch.hpp"

#include <random>
#include <set>

using namespace hublink;
using namespace std::chrono_literals;

namespace {

const trust::clock_time first{std::chrono::hours{24 * 365 * 50}};

} // namespace

TEST_CASE("a certificate is renewed between two thirds and three quarters of its life") {
  std::mt19937_64 random{1};
  std::set<trust::clock_time> dues;
  for (auto life : {std::chrono::seconds{40}, std::chrono::seconds{180}, std::chrono::seconds{86'400 * 730}})
    for (int i = 0; i < 200; ++i) {
      bytes certificate(20);
      for (auto& octet : certificate) octet = std::byte(random());
      const own_life of{first, first + life};
      auto due = renewal_due(of, certificate);
      CHECK(due >= of.from + life * 2 / 3 - 1ms);
      CHECK(due <= of.from + life * 3 / 4);
      CHECK(due == renewal_due(of, certificate));
      CHECK(renewal_earliest(of) < due);
      dues.insert(due);
    }
  CHECK(dues.size() > 590); // not all in one moment
}

TEST_CASE("who gets no certificate asks again, later each time and never too late") {
  struct row {
    unsigned failures;
    std::chrono::milliseconds left, pause; ///< without spread, times 3/4
  };
  constexpr std::chrono::milliseconds years = std::chrono::hours{24 * 240};
  for (const auto& [failures, left, pause] :
       {row{1, years, 1min}, row{2, years, 2min}, row{3, years, 4min}, row{9, years, 256min},
        row{10, years, 256min}, row{1'000, years, 256min}, row{1, 80s, 10s}, row{5, 8s, 1s}, row{5, 0s, 1s},
        row{5, -9s, 1s}, row{20, 24h, 3h}}) {
    INFO(failures << " failures, " << left.count() << " ms left");
    CHECK(renewal_pause(failures, left, 0) == pause * 3 / 4);
    CHECK(renewal_pause(failures, left, 1) <= pause * 5 / 4);
  }
  for (unsigned failures = 1; failures < 50; ++failures)
    CHECK(renewal_pause(failures, years, 0.5) <= renewal_pause(failures + 1, years, 0.5));
}

TEST_CASE("a certificate's life is read, and what is none has none") {
  auto ca = *make_ca("test", {first, first + 24h});
  auto key = *issue(ca, "HOST1", role::client, {first + 1h, first + 2h});
  auto life = life_of(*read_pem_block(key.cert_pem, "CERTIFICATE", max_certificate));
  REQUIRE(life);
  CHECK(life->from == first + 1h);
  CHECK(life->until == first + 2h);
  CHECK_FALSE(life_of(as_bytes("no certificate")));
}
