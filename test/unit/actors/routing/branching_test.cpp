#include "actors/routing/branching.hpp"
#include "definitions.hpp"

#include <catch2/catch.hpp>

using namespace hublink;
using namespace hublink::test;
using names = std::vector<std::string>;

namespace {

std::vector<hop_choice> way(const char* host, const char* hop, names tell = {}) {
  hop_choice choice;
  choice.hop.host = host;
  choice.hop.hop = hop;
  choice.hop.tell = std::move(tell);
  return {choice};
}

} // namespace

TEST_CASE("ways part where more than one hop comes next") {
  auto self = server_a();
  self.hosts["HOST3"] = ip("127.1.3.13");
  self.hosts["HOST4"] = ip("127.1.2.14");
  auto parts = [&](names next) {
    self.transfers["FILE03"].next = std::move(next);
    return parts_here(self, transfer("FILE03"));
  };
  CHECK_FALSE(parts({"HOST2"}));
  CHECK_FALSE(parts({"ServerB"}));
  CHECK(parts({"HOST2", "HOST3"}));
  CHECK(parts({"HOST1", "HOST2"}));
  CHECK_FALSE(parts({"HOST2", "HOST4"})); // both behind ServerB: they part there
  CHECK(parts({"HOST2", "HOST9"}));       // only the system may know it
  CHECK(parts_here(self, transfer("FILE01", {"HOST2", "HOST3"})));
  CHECK_FALSE(parts_here(self, transfer("FILE01", {"HOST2", "HOST4"})));
}

TEST_CASE("a client is no broadcast point") {
  CHECK_FALSE(parts_here(host_1(), transfer("FILE01", {"A", "B"})));
}

TEST_CASE("hosts behind one next server share a circuit, registered clients have their own") {
  auto shared = share_hops({way("HOST1", "HOST1"), way("HOST2", "ServerB", {"HOST2"}),
                            way("HOST3", "ServerC", {"HOST3"}), way("HOST4", "ServerB", {"HOST4"})});
  REQUIRE(shared.size() == 3);
  CHECK(hosts_of(shared[0].front()) == names{"HOST1"});
  CHECK(hosts_of(shared[1].front()) == names{"HOST2", "HOST4"});
  CHECK(shared[1].front().hop.tell == names{"HOST2", "HOST4"});
  CHECK(hosts_of(shared[2].front()) == names{"HOST3"});
}

TEST_CASE("as many share a circuit as one message can name") {
  std::vector<std::vector<hop_choice>> many, long_ones;
  for (int i = 0; i < 5'000; ++i) {
    auto name = "H" + std::to_string(i), long_name = name + std::string(100, 'x');
    many.push_back(way(name.c_str(), "ServerB", {name}));
    long_ones.push_back(way(long_name.c_str(), "ServerB", {long_name}));
  }
  auto shared = share_hops(many);
  REQUIRE(shared.size() == 2);
  CHECK(hosts_of(shared[0].front()).size() == 4'096);
  CHECK(hosts_of(shared[1].front()).front() == "H4096");
  for (const auto& one : share_hops(long_ones)) {
    CHECK(fit_a_message(one.front().hop.tell));
    open request = transfer("FILE01", one.front().hop.tell);
    request.open_id = "0123456789abcdef";
    request.transfer = std::string(32, '0');
    CHECK(bool(encode(open_request{1, request})));
  }
}

TEST_CASE("alternatives are shared as far as they are the same") {
  auto two = way("HOST2", "ServerB", {"HOST2"}), four = way("HOST4", "ServerB", {"HOST4"});
  two.push_back(way("HOST2", "ServerC", {"HOST2"}).front());
  auto shared = share_hops({two, four});
  REQUIRE(shared.size() == 1);
  CHECK(shared.front().size() == 1);
  four.push_back(way("HOST4", "ServerC", {"HOST4"}).front());
  shared = share_hops({two, four});
  REQUIRE(shared.front().size() == 2);
  CHECK(shared.front()[1].hop.tell == names{"HOST2", "HOST4"});
}
