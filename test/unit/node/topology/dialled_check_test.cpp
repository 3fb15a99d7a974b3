/// What a topology may say of whom a client dials: `proxies`, `guests`, direct placement.
#include "networks.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace hublink::test;

namespace {

/// A patch of the example, and what the one problem must begin with and contain.
struct dialled_row {
  const char *patch, *path, *message;
};

} // namespace

TEST_CASE("whom a client can't dial is one problem at its path, with what would fix it") {
  auto each = GENERATE(
      dialled_row{R"({"nodes": {"ServerA": {"proxies": {"HOST2": "ServerB"}}}})", "nodes.ServerA.proxies",
                  "is only for clients"},
      dialled_row{R"({"nodes": {"MGR": {"proxies": {"HOST2": "ServerB"}}}})", "nodes.MGR.proxies",
                  "is only for clients"},
      dialled_row{R"({"nodes": {"HOST1": {"guests": ["HOST2"]}}})", "nodes.HOST1.guests",
                  "is only for servers"},
      dialled_row{R"({"nodes": {"HOST1": {"proxies": {"HOST2": 1}}}})", "nodes.HOST1.proxies.HOST2",
                  "must be a"},
      dialled_row{R"({"nodes": {"HOST1": {"proxies": {"HOST9": "ServerC"}}}})", "nodes.HOST1.proxies.HOST9",
                  "there is no node HOST9"},
      dialled_row{R"({"nodes": {"HOST1": {"proxies": {"HOST1": "ServerC"}}}})", "nodes.HOST1.proxies.HOST1",
                  "no transfers with itself"},
      dialled_row{R"({"nodes": {"HOST1": {"proxies": {"HOST2": "ServerX"}}}})", "nodes.HOST1.proxies.HOST2",
                  "there is no node ServerX"},
      dialled_row{R"({"nodes": {"HOST1": {"proxies": {"HOST2": "HOST3"}}}})", "nodes.HOST1.proxies.HOST2",
                  "HOST3 is a client; name a server"},
      dialled_row{
          R"({"nodes": {"HOST1": {"proxies": {"HOST2": "ServerC"}}, "ServerC": {"guests": ["HOST2"]}}})",
          "nodes.HOST1.proxies.HOST2", "ServerC does not take HOST1"},
      dialled_row{R"({"nodes": {"ServerC": {"guests": ["ServerB"]}}})", "nodes.ServerC.guests[0]",
                  "ServerB is a server"},
      dialled_row{R"({"transfers": {"FILE01": {"placement": "direct"}}})", "transfers.FILE01.placement",
                  "HOST1 is in the segment of ServerA, HOST2 in the segment of ServerB"},
      dialled_row{
          R"({"nodes": {"HOST2": {"address": "127.9.9.9:30000"}}, "transfers": {"FILE01": {"placement": "direct"}}})",
          "transfers.FILE01.placement", "HOST2 in no segment"},
      dialled_row{R"({"transfers": {"FILE03": {"placement": "direct"}}})", "transfers.FILE03.placement",
                  "is for one receiver"},
      dialled_row{R"({"nodes": {"HOST2": {"home": "ServerA", "address": "127.1.1.12:30000", "dial": "out"}},
            "transfers": {"FILE01": {"placement": "direct"}}})",
                  "transfers.FILE01.placement", "HOST2 can't be dialled"},
      dialled_row{R"({"nodes": {"HOST2": {"home": "ServerA", "address": "127.1.1.12:30000"}},
            "transfers": {"FILE01": {"placement": "direct", "store": "always"}}})",
                  "transfers.FILE01.store", "no server is there to keep it"});
  CAPTURE(each.patch);
  auto found = problems_of(example_with(each.patch));
  CAPTURE(found);
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], Catch::StartsWith(std::string{each.path} + ": ") && Catch::Contains(each.message));
}

TEST_CASE("a server that names guests takes those, one that names none takes all") {
  CHECK(problems_of(example_with(R"({"nodes": {"HOST1": {"proxies": {"HOST2": "ServerC"}}}})")).empty());
  CHECK(
      problems_of(
          example_with(
              R"({"nodes": {"HOST1": {"proxies": {"HOST2": "ServerC"}}, "ServerC": {"guests": ["HOST1"]}}})"))
          .empty());
  CHECK(
      problems_of(
          example_with(
              R"({"nodes": {"HOST1": {"proxies": {"HOST2": "ServerA"}}, "ServerA": {"guests": ["HOST3"]}}})"))
          .empty()); // its home
}
