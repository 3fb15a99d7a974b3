/// What a manager keeps for those who draw: places that are one for all, a draft a user, and what is refused.
#include "node/web/workbench.hpp"

#include "support/catch.hpp"

#include <unistd.h>

#include <fstream>

using namespace hublink;

namespace {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct bench_folder {
  fs::path path = fs::temp_directory_path() / ("hublink-workbench-" + std::to_string(::getpid()));
  bench_folder() { fs::remove_all(path); }
  ~bench_folder() { fs::remove_all(path); }
};

json place(int x, int y) { return {{"x", x}, {"y", y}}; }

} // namespace

TEST_CASE("places are kept name by name") {
  bench_folder at;
  workbench bench{at.path};
  CHECK(*bench.places() == json{{"places", json::object()}});
  REQUIRE(bench.keep_places({{"places", {{"A", place(1, -2)}, {"B", place(3, 4)}}}}));
  REQUIRE(bench.keep_places({{"places", {{"B", nullptr}, {"C", place(5, 6)}}}}));
  CHECK(*workbench{at.path}.places() == json{{"places", {{"A", place(1, -2)}, {"C", place(5, 6)}}}});
  REQUIRE(bench.keep_places({{"places", nullptr}}));
  CHECK(*bench.places() == json{{"places", json::object()}});
  CHECK((fs::status(at.path).permissions() & fs::perms::all) == fs::perms::owner_all);
}

TEST_CASE("what is no place changes nothing") {
  bench_folder at;
  workbench bench{at.path};
  REQUIRE(bench.keep_places({{"places", {{"A", place(1, 2)}}}}));
  const json wrong[]{json::object(),
                     {{"places", json::array()}},
                     {{"places", {{"A", 1}}}},
                     {{"places", {{"A", {{"x", 1}}}}}},
                     {{"places", {{"A", {{"x", 1}, {"y", "2"}}}}}},
                     {{"places", {{"A", {{"x", 1}, {"y", 0.5}}}}}},
                     {{"places", {{"A", {{"x", 1}, {"y", 2}, {"z", 3}}}}}},
                     {{"places", {{"A", place(workbench::farthest + 1, 0)}}}},
                     {{"places", {{"A", {{"x", INT64_MIN}, {"y", 0}}}}}},
                     {{"places", {{"", place(1, 1)}}}},
                     {{"places", {{std::string(256, 'n'), place(1, 1)}}}},
                     {{"places", json::object()}, {"more", 1}}};
  for (const auto& one : wrong) {
    CAPTURE(one.dump());
    auto no = bench.keep_places(one);
    REQUIRE_FALSE(no);
    CHECK(no.error().code == errc::bad_config);
  }
  json many{{"places", json::object()}};
  for (std::size_t n = 0; n <= workbench::most_places; ++n)
    many["places"]["n" + std::to_string(n)] = place(0, 0);
  CHECK_FALSE(bench.keep_places(many));
  CHECK(*bench.places() == json{{"places", {{"A", place(1, 2)}}}});
}

TEST_CASE("a draft is its user's, and an older one replaces nothing") {
  bench_folder at;
  workbench bench{at.path};
  CHECK(*bench.draft_of("op") == json{{"version", 0u}, {"draft", nullptr}});
  const json first{{"now", {{"nodes", json::object()}}}};
  CHECK(*bench.keep_draft("op", {{"version", 0u}, {"draft", first}}) == json{{"version", 1}});
  CHECK(bench.keep_draft("op", {{"version", 0u}, {"draft", json::object()}}).error().code ==
        errc::superseded);
  CHECK(*workbench{at.path}.draft_of("op") == json{{"version", 1u}, {"draft", first}});
  CHECK((*bench.draft_of("other"))["version"] == 0);
  CHECK(*bench.keep_draft("op", {{"version", 1u}, {"draft", nullptr}}) == json{{"version", 2}});
  CHECK((*bench.draft_of("op"))["draft"].is_null());
  for (const json& wrong :
       {json::object(), json{{"version", 2u}}, json{{"version", -1}, {"draft", nullptr}},
        json{{"version", 2u}, {"draft", "x"}}, json{{"version", 2u}, {"draft", json::object()}, {"more", 1}}})
    CHECK(bench.keep_draft("op", wrong).error().code == errc::bad_config);
}

TEST_CASE("drafts are so many, and a damaged file is named") {
  bench_folder at;
  workbench bench{at.path};
  for (std::size_t n = 0; n < workbench::most_drafts; ++n)
    REQUIRE(bench.keep_draft("u" + std::to_string(n), {{"version", 0u}, {"draft", json::object()}}));
  CHECK(bench.keep_draft("late", {{"version", 0u}, {"draft", json::object()}}).error().code ==
        errc::bad_config);
  CHECK(bench.keep_draft("u3", {{"version", 1u}, {"draft", json::object()}}));
  std::ofstream{at.path / "places.json"} << "{\"places\":";
  auto no = bench.places();
  REQUIRE_FALSE(no);
  CHECK(no.error().text.find("places.json is damaged") != std::string::npos);
}
