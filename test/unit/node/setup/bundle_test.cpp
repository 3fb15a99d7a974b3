#include "node/setup/bundle.hpp"
#include "support/catch.hpp"

using namespace hublink;
using Catch::Contains;

namespace {

bundle a_bundle() {
  return {.network = "plants",
          .node = "Head",
          .role = role::server,
          .topology = "{}",
          .keys = {{"ca.pem", "a"}, {"cert.pem", "b"}, {"key.pem", "c"}, {"crl.pem", "d"}}};
}

} // namespace

TEST_CASE("a bundle reads as it was written") {
  auto packed = a_bundle();
  auto read = read_bundle(bundle_text(packed));
  REQUIRE(read);
  CHECK(read->network == "plants");
  CHECK(read->node == "Head");
  CHECK(read->role == role::server);
  CHECK(read->topology == "{}");
  CHECK(read->join.empty());
  CHECK(read->keys == packed.keys);
  packed.topology.clear();
  packed.join = "10.1.0.1:40000";
  packed.keys["recipients.pem"] = "e";
  read = read_bundle(bundle_text(packed));
  REQUIRE(read);
  CHECK(read->join == "10.1.0.1:40000");
  CHECK(read->keys == packed.keys);
}

TEST_CASE("a bundle without any part of it is none") {
  for (auto* missing : {"ca.pem", "cert.pem", "key.pem", "crl.pem"}) {
    auto packed = a_bundle();
    packed.keys.erase(missing);
    CHECK_THAT(read_bundle(bundle_text(packed)).error().text, Contains(missing));
  }
  auto whole = bundle_text(a_bundle());
  for (std::size_t size = 0; size + 2 < whole.size(); ++size) CHECK_FALSE(read_bundle(whole.substr(0, size)));
}
