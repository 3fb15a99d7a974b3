#include "node/web/web_guard.hpp"

#include "support/catch.hpp"

using namespace hublink;

namespace {

http_request request_with(http_fields fields) {
  http_request made{"POST", "/", ""};
  made.fields = std::move(fields);
  return made;
}

} // namespace

TEST_CASE("a server answers to its own names alone") {
  const auto hosts = own_hosts({"Hub.example"}, "ServerA",
                               {*endpoint::parse("127.0.0.1:8443"), *endpoint::parse("0.0.0.0:1")});
  for (const char* fine : {"hub.example", "HUB.example:1", "ServerA", "127.0.0.1:8443", "localhost"}) {
    CAPTURE(fine);
    CHECK_FALSE(refuse_host(request_with({{"host", fine}}), hosts));
  }
  for (const char* other :
       {"", "evil.example", "0.0.0.0", "hub.example.evil.example", "127.0.0.2", "evil@hub.example"}) {
    CAPTURE(other);
    auto no = refuse_host(request_with({{"host", other}}), hosts);
    REQUIRE(no);
    CHECK(no->status == 421);
  }
  CHECK(refuse_host(request_with({}), hosts));
  CHECK_FALSE(own_hosts({}, "N", {*endpoint::parse("10.0.0.1:1")}).count("localhost"));
}

TEST_CASE("what a page of another origin makes is refused") {
  const std::pair<std::string, std::string> host{"host", "hub:8443"};
  CHECK_FALSE(refuse_origin(request_with({host})));
  CHECK_FALSE(refuse_origin(request_with({host, {"origin", "https://hub:8443"}})));
  CHECK_FALSE(
      refuse_origin(request_with({host, {"origin", "https://HUB:8443"}, {"sec-fetch-site", "same-origin"}})));
  for (const char* other : {"null", "http://hub:8443", "https://hub", "https://hub:8444", "https://evil",
                            "https://hub:8443.evil", ""}) {
    CAPTURE(other);
    CHECK(refuse_origin(request_with({host, {"origin", other}})));
  }
  for (const char* site : {"cross-site", "same-site", ""})
    CHECK(refuse_origin(request_with({host, {"sec-fetch-site", site}})));
}

TEST_CASE("a cookie is one, a token is one") {
  CHECK(session_cookie(request_with({{"cookie", "a=b; __Host-hublink=x; c=d"}})) == "x");
  CHECK(session_cookie(request_with({{"cookie", "__Host-hublink=x"}})) == "x");
  for (const char* none :
       {"", "__Host-hublin=x", "x__Host-hublink=x", "__Host-hublink", "__Host-hublink=x; __Host-hublink=y"})
    CHECK(session_cookie(request_with({{"cookie", none}})).empty());
  CHECK_FALSE(bearer_token(request_with({})));
  CHECK(bearer_token(request_with({{"authorization", "bearer x"}})) == "x");
  CHECK(bearer_token(request_with({{"authorization", "Basic x"}})) == "");
  CHECK(says_json(request_with({{"content-type", "Application/JSON; charset=utf-8"}})));
  CHECK_FALSE(says_json(request_with({{"content-type", "text/plain"}})));
  CHECK_FALSE(says_json(request_with({})));
}
