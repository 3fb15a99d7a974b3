#include "actors/routing/branching.hpp"
#include "definitions.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;
using names = std::vector<std::string>;

namespace {

std::vector<hop_choice> choice(const char* host, const char* hop, names tell = {}) {
  hop_choice made;
  made.hop.host = host;
  made.hop.hop = hop;
  made.hop.tell = std::move(tell);
  return {made};
}

} // namespace

TEST_CASE("ways part where more than one hop comes next") {
  auto self = server_a();
  self.hosts["HOST3"] = ip("127.1.3.13");
  self.hosts["HOST4"] = ip("127.1.2.14");
  auto parts = [&](names next, names destination = {}) {
    self.transfers["FILE03"].next = std::move(next);
    return parts_here(*find_ways(self, transfer("FILE03", std::move(destination))));
  };
  CHECK_FALSE(parts({"HOST2"}));
  CHECK_FALSE(parts({"ServerB"}));
  CHECK(parts({"HOST2", "HOST3"}));
  CHECK(parts({"HOST1", "HOST2"}));
  CHECK_FALSE(parts({"HOST2", "HOST4"})); // both behind ServerB: they part there
  CHECK(parts({"HOST2", "HOST9"}));       // which leads nowhere
  CHECK(parts({}, {"HOST2", "HOST3"}));
  CHECK_FALSE(parts({}, {"HOST2", "HOST4"}));
  self.system_resolver = true;
  CHECK_FALSE(parts({"HOST2"}));
  CHECK(parts({"HOST2", "HOST4"})); // whose hops only the system may know
  CHECK_FALSE(parts({"ServerB"}));
}

TEST_CASE("a client is no broadcast point") {
  CHECK_FALSE(parts_here(*find_ways(host_1(), transfer("FILE01", {"A", "B"}))));
}

TEST_CASE("ways part where one message can't name all that lie behind one hop") {
  auto self = server_a();
  names many;
  for (int i = 0; i < 5'000; ++i) {
    many.push_back("H" + std::to_string(i));
    self.hosts[many.back()] = ip("127.1.2.14");
  }
  CHECK(parts_here(*find_ways(self, transfer("FILE01", many))));
  many.resize(4'000);
  CHECK_FALSE(parts_here(*find_ways(self, transfer("FILE01", many))));
}

TEST_CASE("the store is the server that the file is for, not what lies on the way to it") {
  auto self = server_a();
  self.transfers["FILE01"].policy.store = store_policy::always;
  CHECK(stores_here(self, transfer("FILE01")) == &self.transfers["FILE01"]);
  CHECK(stores_here(self, transfer("FILE01", {"ServerA"})));
  CHECK_FALSE(stores_here(self, transfer("FILE01", {"ServerB"})));
  CHECK_FALSE(stores_here(self, transfer("FILE02")));
  auto answer = transfer("FILE01");
  answer.only = {"HOST2"};
  CHECK_FALSE(stores_here(self, answer));
}

TEST_CASE("hosts behind one next server share a circuit, registered clients have their own") {
  auto shared = share_hops({choice("HOST1", "HOST1"), choice("HOST2", "ServerB", {"HOST2"}),
                            choice("HOST3", "ServerC", {"HOST3"}), choice("HOST4", "ServerB", {"HOST4"})});
  REQUIRE(shared.size() == 3);
  CHECK(hosts_of(shared[0].front()) == names{"HOST1"});
  CHECK(hosts_of(shared[1].front()) == names{"HOST2", "HOST4"});
  CHECK(shared[1].front().hop.tell == names{"HOST2", "HOST4"});
  CHECK(hosts_of(shared[2].front()) == names{"HOST3"});
}

TEST_CASE("as many share a circuit as one message can name") {
  std::vector<std::vector<hop_choice>> many, long_choices;
  for (int i = 0; i < 5'000; ++i) {
    auto name = "H" + std::to_string(i), long_name = name + std::string(100, 'x');
    many.push_back(choice(name.c_str(), "ServerB", {name}));
    long_choices.push_back(choice(long_name.c_str(), "ServerB", {long_name}));
  }
  auto shared = share_hops(many);
  REQUIRE(shared.size() == 2);
  CHECK(hosts_of(shared[0].front()).size() == 4'096);
  CHECK(hosts_of(shared[1].front()).front() == "H4096");
  for (const auto& choices : share_hops(long_choices)) {
    CHECK(fit_a_message(choices.front().hop.tell));
    open request = transfer("FILE01", choices.front().hop.tell);
    request.open_id = "0123456789abcdef";
    request.transfer = std::string(32, '0');
    CHECK(bool(encode(open_request{1, request})));
  }
}

TEST_CASE("alternatives are shared as far as they are the same") {
  auto two = choice("HOST2", "ServerB", {"HOST2"}), four = choice("HOST4", "ServerB", {"HOST4"});
  two.push_back(choice("HOST2", "ServerC", {"HOST2"}).front());
  auto shared = share_hops({two, four});
  REQUIRE(shared.size() == 1);
  CHECK(shared.front().size() == 1);
  four.push_back(choice("HOST4", "ServerC", {"HOST4"}).front());
  shared = share_hops({two, four});
  REQUIRE(shared.front().size() == 2);
  CHECK(shared.front()[1].hop.tell == names{"HOST2", "HOST4"});
}
