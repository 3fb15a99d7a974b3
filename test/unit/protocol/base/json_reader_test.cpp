#include "protocol/base/json_reader.hpp"
#include "support/catch.hpp"

#include <chrono>

using namespace hublink;

namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  while (times-- > 0) all += text;
  return all;
}

std::string why_not(const std::string& text, const json_bounds& most = {}) {
  auto read = read_json(text, most);
  if (read) return "";
  CHECK(read.error().code == errc::bad_message);
  return read.error().text;
}

std::string in_lists(std::size_t depth) { return repeated("[", depth) + repeated("]", depth); }

} // namespace

TEST_CASE("what is within bounds reads as JSON says") {
  auto text = GENERATE(as<std::string>{}, R"({"b": 1, "a": {"c": [true, false, null]}, "": -7})", "[]", "{}",
                       "\"x\"", "18446744073709551615", "-9223372036854775808", "1.5e3",
                       R"(["\u00e4\ud83d\ude00", "\u0000"])", "  [1]\n", R"([[[[1]],{}],[{"a":{}}]])");
  CAPTURE(text);
  auto read = read_json(text);
  REQUIRE(read);
  CHECK(*read == nlohmann::ordered_json::parse(text));
  CHECK(read->dump() == nlohmann::ordered_json::parse(text).dump()); // in that order
  CHECK(std::get<nlohmann::json>(build_json<nlohmann::json>(text)) == nlohmann::json::parse(text));
}

TEST_CASE("what is no JSON is refused with what is wrong") {
  auto text = GENERATE(as<std::string>{}, "", "{", "[1,]", "{\"a\" 1}", "[1] x", "nul", "1e999", "\"\xff\"",
                       "\"\n\"", "{1: 2}", "\"\\ud800\"");
  CAPTURE(text);
  CHECK_THAT(why_not(text), Catch::StartsWith("no JSON within bounds: "));
}

TEST_CASE("depth is bounded while it is read") {
  CHECK(why_not(in_lists(16)).empty());
  CHECK_THAT(why_not(in_lists(17)), Catch::Contains("more than 16 objects and lists in each other"));
  CHECK_THAT(why_not(repeated("[", 900'000)), Catch::Contains("more than 16"));
  CHECK_THAT(why_not(repeated("{\"a\":", 300'000)), Catch::Contains("more than 16"));
  CHECK_THAT(why_not(R"({"x": )" + in_lists(16) + "}"), Catch::Contains("x has more"));
}

TEST_CASE("size and number of values are bounded") {
  json_bounds small{.bytes = 100, .depth = 3, .values = 10};
  CHECK(why_not("[1,2,3,4,5,6,7,8,9]", small).empty());
  CHECK_THAT(why_not("[1,2,3,4,5,6,7,8,9,10]", small), Catch::Contains("more than 10 values"));
  CHECK_THAT(why_not(repeated(" ", 101), small), Catch::Contains("more than 100 bytes"));
  CHECK_THAT(why_not("[" + repeated("[],", 2'000'000) + "1]", {.bytes = 8 << 20}), Catch::Contains("values"));
}

TEST_CASE("a key that is said twice is refused, wherever it is") {
  CHECK_THAT(why_not(R"({"a": 1, "a": 1})"), Catch::Contains("a is there twice"));
  CHECK_THAT(why_not(R"([{"b": {"a": 1, "c": {}, "\u0061": 2}}])"), Catch::Contains("b.a is there twice"));
  CHECK(why_not(R"({"a": {"a": {"a": 1}}, "b": [{"a": 1}, {"a": 1}]})").empty());
}

TEST_CASE("many members of one object cost no more than their number") {
  std::string text = "{";
  for (int i = 0; i < 300'000; ++i) text += (i ? ",\"" : "\"") + std::to_string(i) + "\":0";
  auto began = std::chrono::steady_clock::now();
  auto read = read_json(text + "}", {.bytes = 16 << 20});
  REQUIRE(read);
  CHECK(read->size() == 300'000);
  CHECK(std::chrono::steady_clock::now() - began <
        std::chrono::seconds{20}); // a look through all takes an hour
}

TEST_CASE("a command or answer is an object") {
  CHECK(read_json_object("{}"));
  for (auto* text : {"[]", "1", "null", "\"x\"", "{", ""}) CHECK_FALSE(read_json_object(text));
}
