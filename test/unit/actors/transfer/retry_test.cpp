#include "actors/transfer/retry.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

TEST_CASE("what was under way goes on by itself, a few times in a row") {
  CHECK(pause_before_next({}, {{errc::hop_down, {}, {}}, true, 1}) == 100ms);
  CHECK(pause_before_next({}, {{errc::hop_down, {}, {}}, true, 5}) == 8100ms);
  CHECK_FALSE(pause_before_next({}, {{errc::hop_down, {}, {}}, true, 6}));
  CHECK(pause_before_next({}, {{errc::cut, {}, {}}, true, 3}) == 900ms);
  CHECK_FALSE(pause_before_next({}, {{errc::cut, {}, {}}, true, 4}));
  CHECK(pause_before_next({}, {{errc::tampered, {}, {}}, true, 2}) == 300ms);
  CHECK_FALSE(pause_before_next({}, {{errc::tampered, {}, {}}, true, 3}));
}

TEST_CASE("what never began is not tried again unless the definition says so") {
  CHECK_FALSE(pause_before_next({}, {{errc::hop_down, {}, {}}, false, 1}));
  CHECK(pause_before_next({5, 20}, {{errc::hop_down, {}, {}}, false, 5}) == 20s);
  CHECK_FALSE(pause_before_next({5, 20}, {{errc::hop_down, {}, {}}, false, 6}));
}

TEST_CASE("what trying again can't mend ends the transfer") {
  auto code =
      GENERATE(errc::superseded, errc::cancelled, errc::not_authorised, errc::file_exists, errc::replayed);
  for (auto certain : {evidence::own, evidence::proof}) {
    CHECK_FALSE(pause_before_next({}, {{code, "HOST2", "no", certain}, true, 1}));
    CHECK_FALSE(pause_before_next({5, 20}, {{code, "HOST2", "no", certain}, true, 1}));
  }
}

TEST_CASE("what a relay can say ends nothing, whatever it says") {
  auto code = GENERATE(errc::superseded, errc::cancelled, errc::not_authorised, errc::file_exists,
                       errc::replayed, errc::loop, errc::bad_config);
  CHECK(pause_before_next({5, 20}, {{code, "ServerA", "no"}, false, 1}) == 20s);
  CHECK(pause_before_next({}, {{code, "ServerA", "no"}, true, 1}) == 100ms);
  CHECK_FALSE(pause_before_next({}, {{code, "ServerA", "no"}, true, 6}));  // three times; a circle has six
  CHECK_FALSE(pause_before_next({}, {{code, "ServerA", "no"}, false, 1})); // what never began is told at once
}

TEST_CASE("a line that alters what a circuit is made of costs an attempt, also the first") {
  auto code = GENERATE(errc::bad_token, errc::tampered, errc::bad_message);
  CHECK(pause_before_next({}, {{code, "ServerA", "?"}, false, 1}) == 100ms);
  CHECK_FALSE(pause_before_next({}, {{code, "ServerA", "?"}, false, 3}));
}

TEST_CASE("trouble with the file is tried again only by the definition") {
  auto code = GENERATE(errc::no_space, errc::file_changed, errc::file_denied, errc::io_error);
  CHECK_FALSE(pause_before_next({}, {{.code = code}, true, 1}));
  CHECK(pause_before_next({1, 3}, {{.code = code}, true, 1}) == 3s);
}

TEST_CASE("what a hop has no room for waits for its turn") {
  CHECK(pause_before_next({}, {{.code = errc::busy}, false, 1}) == 100ms);
  CHECK(pause_before_next({}, {{.code = errc::busy}, false, 6}) == 24'300ms);
  CHECK(pause_before_next({}, {{.code = errc::busy}, true, 1000}) == 24'300ms);
}

TEST_CASE("who may answer at last is asked less and less often") {
  CHECK(pause_before_asking(0, 10min) == 2s);
  CHECK(pause_before_asking(3, 10min) == 16s);
  CHECK(pause_before_asking(1000, 10min) == 10min);
}
