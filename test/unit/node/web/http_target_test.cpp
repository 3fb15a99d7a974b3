#include "node/web/http_target.hpp"

#include "support/catch.hpp"

using namespace hublink;

TEST_CASE("a target has one reading, or none") {
  auto plain = read_target("/api/v1/transfers?file=A%20B&state=done&x=1+2&empty=&flag");
  REQUIRE(plain);
  CHECK(plain->path == "/api/v1/transfers");
  using pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(plain->query == pairs{{"file", "A B"}, {"state", "done"}, {"x", "1 2"}, {"empty", ""}, {"flag", ""}});
  CHECK(read_target("/")->path == "/");
  CHECK(read_target("/%61pi")->path == "/api");
  for (const char* text :
       {"",        "api",   "*",           "http://h/api", "//api",    "/api//v1", "/api/", "/./api",
        "/api/..", "/../x", "/a/%2e%2e/b", "/a%2fb",       "/a%5cb",   "/a\\b",    "/a%00", "/a%0d%0ab",
        "/a%",     "/a%4",  "/a%zz",       "/a#b",         "/a?b=%ff", "/\xff",    "/a?=1"}) {
    CAPTURE(text);
    CHECK_FALSE(read_target(text));
  }
  CHECK_FALSE(read_target("/" + std::string(9000, 'a')));
  std::string many = "/a?";
  for (int i = 0; i < 65; ++i) many += "a=1&";
  CHECK_FALSE(read_target(many));
}

TEST_CASE("a host is what stands before its port") {
  CHECK(host_of("Hub.Example:8443") == "hub.example");
  CHECK(host_of("127.0.0.1") == "127.0.0.1");
  CHECK(host_of("[::1]:8443") == "::1");
  CHECK(host_of("[::1]") == "::1");
  for (const char* text : {"", "a b", "user@hub", "hub/x", "hub:port", "hub:123456", "[::1", "[hub]:1",
                           "[::1]x", "hub:1:2", "ho\xc3\xa9"}) {
    CAPTURE(text);
    CHECK(host_of(text).empty());
  }
}
