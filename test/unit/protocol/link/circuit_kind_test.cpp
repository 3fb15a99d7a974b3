#include "protocol/link/circuit_kind.hpp"
#include "support/catch.hpp"

#include <fstream>
#include <iterator>
#include <string>

using namespace hublink;

TEST_CASE("a kind of circuit has the name of its row") {
  for (const auto& traits : circuit_kinds) {
    CHECK(&traits_of(traits.kind) == &traits);
    CHECK(circuit_kind_from_string(traits.name) == traits.kind);
  }
  CHECK(to_string(circuit_kind::management) == "management");
  CHECK_FALSE(circuit_kind_from_string("hologram"));
}

TEST_CASE("permissions are those of the registered node's role") {
  permissions some{.client = permission::sent_file, .manager = permission::always};
  CHECK(some.of(role::client) == permission::sent_file);
  CHECK(some.of(role::manager) == permission::always);
  CHECK(some.of(role::server) == permission::never);
}

TEST_CASE("the manual of the wire names every kind of circuit") {
  std::ifstream file(std::string{HUBLINK_SOURCE_DIR} + "/docs/protocol/links.md");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  auto list = text.substr(text.find("`kind` ("));
  list.erase(list.find(')'));
  for (const auto& traits : circuit_kinds) {
    CAPTURE(traits.name);
    CHECK(list.find("`" + std::string(traits.name) + "`") != list.npos);
  }
}
