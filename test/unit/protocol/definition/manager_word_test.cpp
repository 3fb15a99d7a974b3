#include "protocol/definition/manager_word.hpp"
#include "support/catch.hpp"
#include "test_ca.hpp"

using namespace hublink;
using namespace hublink::test;
using namespace std::chrono_literals;

namespace {

std::int64_t ms_of(trust::clock_time when) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
}

manager_word word_of(std::uint64_t version, std::int64_t list, trust::clock_time said = noon) {
  return {"net", version, list, ms_of(said)};
}

std::string verdict_on(std::uint64_t version, const definition_facts& known) {
  auto may = is_new_enough(version, known, noon);
  return may ? "ok" : std::string{to_string(may.error().code)};
}

} // namespace

TEST_CASE("which definition is new enough") {
  struct row {
    const char* what;
    std::uint64_t version;
    definition_facts known;
    const char* verdict;
  };
  auto each = GENERATE(
      row{"newer than the one in force, nobody said a word", 7, {5, 5, 1, {}}, "ok"},
      row{"the newest, as a manager says", 7, {5, 5, 1, word_of(7, 1)}, "ok"},
      row{"newer than what a manager knows", 9, {5, 5, 1, word_of(7, 1)}, "ok"},
      row{"newer, but not the newest", 6, {5, 5, 1, word_of(7, 1)}, "superseded"},
      row{"one that was there before", 5, {3, 6, 1, {}}, "superseded"},
      row{"the list that should be there is missing", 7, {5, 5, 1, word_of(7, 2)}, "superseded"},
      row{"a first one, as a manager says", 7, {0, 0, 1, word_of(7, 1)}, "ok"},
      row{"a first one, and nobody says anything", 7, {0, 0, 1, {}}, "not-authorised"},
      row{"a first one with a word of yesterday", 7, {0, 0, 1, word_of(7, 1, noon - 24h)}, "ok"},
      row{"a first one with an older word", 7, {0, 0, 1, word_of(7, 1, noon - 24h - 1s)}, "not-authorised"},
      row{"an old one as the first", 6, {0, 0, 1, word_of(7, 1)}, "superseded"},
      row{"an old list with the first", 7, {0, 0, 1, word_of(7, 3)}, "superseded"},
      row{"after its directory's file was removed", 6, {0, 6, 1, word_of(6, 1)}, "ok"},
      row{"the same, an older one", 5, {0, 6, 1, word_of(5, 1)}, "superseded"},
      row{"an old word does not hold up a newer one", 7, {5, 5, 1, word_of(6, 1, noon - 1000h)}, "ok"});
  CAPTURE(each.what);
  CHECK(verdict_on(each.version, each.known) == each.verdict);
}

TEST_CASE("of two words the one that knows more counts") {
  CHECK(is_newer(word_of(2, 1), word_of(1, 9, noon + 1h)));
  CHECK(is_newer(word_of(1, 2), word_of(1, 1, noon + 1h)));
  CHECK(is_newer(word_of(1, 1, noon + 1h), word_of(1, 1)));
  CHECK_FALSE(is_newer(word_of(1, 1), word_of(1, 1)));
}

TEST_CASE("a word is a manager's, as he said it") {
  test_ca network, other;
  auto manager = network.issue("MGR", role::manager);
  auto word = word_of(17, 3);
  auto said = sign_word(word, *to_identity(manager));
  CHECK(*verify_word(said, *network.trust(), noon) == word);
  for (std::size_t i = 0; i < said.size(); ++i) {
    said[i] ^= std::byte{1};
    CHECK_FALSE(verify_word(said, *network.trust(), noon));
    said[i] ^= std::byte{1};
  }
  CHECK_FALSE(verify_word(said, *other.trust(), noon));
  for (auto who : {role::server, role::client})
    CHECK(verify_word(sign_word(word, *network.identity_of("X", who)), *network.trust(), noon).error().code ==
          errc::not_authorised);
  auto ahead = word_of(17, 3, noon + 25h), of_tomorrow = word_of(std::uint64_t(ms_of(noon + 25h)), 3);
  for (const auto& wrong : {ahead, of_tomorrow})
    CHECK_FALSE(verify_word(sign_word(wrong, *to_identity(manager)), *network.trust(), noon));
  CHECK(verify_kept_word(said, *network.trust()));
  network.revoke(manager);
  CHECK_FALSE(verify_word(said, *network.trust(), noon));
  CHECK_FALSE(verify_kept_word(said, *network.trust()));
}
