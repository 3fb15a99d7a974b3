#include "networks.hpp"
#include "node/definition/definition_json.hpp"
#include "node/definition/definition_size.hpp"
#include "protocol/definition/signed_definition.hpp"
#include "support/catch.hpp"

#include <set>

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;

namespace {

/// HOST1 sends so many files from paths of so many bytes.
topology with_sends(int count, std::size_t path) {
  auto net = network_of(example_text());
  auto one = net.transfers.at("FILE01");
  one.send_path = "out/" + std::string(path, 'p');
  for (int i = 0; i < count; ++i) net.transfers["MORE" + std::to_string(i)] = one;
  return net;
}

} // namespace

TEST_CASE("the definitions of a usual network are short enough, without a look at each") {
  CHECK(find_long_definitions(network_of(example_text())).empty());
}

TEST_CASE("a definition that can't be signed is named with its size and the limit") {
  auto found = find_long_definitions(with_sends(300, 4'000));
  REQUIRE(found.size() == 1); // the others' have no paths of HOST1
  CHECK(found[0].path == "nodes.HOST1");
  CHECK_THAT(found[0].message, Contains(std::to_string(longest_carried_definition) + " are allowed"));
}

TEST_CASE("what is near the limit is measured, and let through") {
  auto net = with_sends(230, 4'000);
  CHECK(find_long_definitions(net).empty());
  auto near = find_nearly_long_definitions(net);
  REQUIRE(near.size() == 1);
  CHECK(near[0].path == "nodes.HOST1");
  CHECK_THAT(near[0].message, Contains("of the 1000000 bytes"));
  CHECK(find_nearly_long_definitions(with_sends(300, 4'000)).empty()); // that is an error
  CHECK(find_nearly_long_definitions(with_sends(10, 4'000)).empty());
}

TEST_CASE("a manager's own definition goes nowhere, and may have the names of all") {
  auto net = network_of(example_text());
  auto one = net.transfers.at("FILE01");
  for (int i = 0; i < 50'000; ++i) {
    one.from = i % 2 ? "HOST1" : "HOST2"; // their own would be too long
    net.transfers["A-FILE-WITH-A-NAME-" + std::to_string(i)] = one;
  }
  auto of = [&](const std::string& manager) {
    std::set<std::string> paths;
    for (const auto& each : find_long_definitions(net, {}, manager)) paths.insert(each.path);
    return paths;
  };
  CHECK(of("MGR").count("nodes.MGR") == 0);
  CHECK(of("MGR2").count("nodes.MGR") == 1);
  CHECK(of("").count("nodes.HOST1") == 1);
}

TEST_CASE("members of a definition's objects are as many, and in the same order, as in the definition") {
  auto self = compile(with_sends(500, 10), "HOST1");
  auto written = json_of(self);
  REQUIRE(written["sends"].size() == self.sends.size());
  auto row = written["sends"].begin();
  for (const auto& [file, known] : self.sends) {
    CHECK(row.key() == file);
    ++row;
  }
}
