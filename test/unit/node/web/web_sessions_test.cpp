#include "node/web/idempotent_sends.hpp"
#include "node/web/web_sessions.hpp"

#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

namespace {

web_session_ptr web_session_of(const std::string& name) {
  auto made = std::make_shared<web_session>();
  made->who.name = name;
  return made;
}

} // namespace

TEST_CASE("a login is over when it idles, after its longest time, and when it is ended") {
  const auto begin = web_session::time{} + 1h;
  web_sessions all;
  auto cookie = all.add(web_session_of("op"), begin);
  CHECK(cookie.size() == 64);
  CHECK(all.find(cookie, begin)->csrf.size() == 64);
  CHECK_FALSE(all.find(cookie + "0", begin));
  CHECK(all.find(cookie, begin + 14min));
  CHECK(all.find(cookie, begin + 28min, false)); // only looked at: that is no use
  CHECK_FALSE(all.find(cookie, begin + 30min));
  cookie = all.add(web_session_of("op"), begin);
  for (auto now = begin; now < begin + 12h; now += 10min) REQUIRE(all.find(cookie, now));
  CHECK_FALSE(all.find(cookie, begin + 12h));
  cookie = all.add(web_session_of("op"), begin);
  auto held = all.find(cookie, begin);
  all.end(cookie);
  CHECK_FALSE(all.find(cookie, begin));
  CHECK_FALSE(held->counts(begin, web_sessions::idle));
  cookie = all.add(web_session_of("op"), begin);
  all.find(cookie, begin)->is_over = true;
  CHECK_FALSE(all.find(cookie, begin));
}

TEST_CASE("one user can't have all logins") {
  const auto now = web_session::time{} + 1h;
  web_sessions all;
  auto other = all.add(web_session_of("other"), now);
  std::vector<std::string> cookies;
  for (std::size_t i = 0; i < web_sessions::most_of_one + 5; ++i)
    cookies.push_back(all.add(web_session_of("op"), now + i * 1s));
  CHECK_FALSE(all.find(cookies.front(), now + 60s));
  CHECK(all.find(cookies.back(), now + 60s));
  CHECK(all.find(other, now + 60s));
}

TEST_CASE("a key is answered as the first time") {
  const auto now = idempotent_sends::time{} + 1h;
  idempotent_sends sends;
  CHECK_FALSE(sends.begin("k", "content", now));
  CHECK(sends.begin("k", "content", now)->status == 409); // not answered yet
  sends.settle("k", {200, "application/json", "{}"});
  CHECK(sends.begin("k", "content", now)->body == "{}");
  CHECK(sends.begin("k", "another", now)->status == 409);
  CHECK_FALSE(sends.begin("k", "another", now + 25h));
  CHECK_FALSE(sends.begin("failed", "content", now));
  sends.settle("failed", {502, "application/json", "{}"});
  CHECK_FALSE(sends.begin("failed", "content", now));
}
