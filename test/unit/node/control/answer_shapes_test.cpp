#include "node/control/answer_shapes.hpp"
#include "node/requests/verbs.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace hublink;
using json = nlohmann::ordered_json;

namespace {

/// A value of that kind, as small as can be.
json fitting(const json_field& field) {
  switch (field.kind) {
  case json_kind::text:
    return "x";
  case json_kind::number:
    return 1u;
  case json_kind::flag:
    return true;
  case json_kind::texts:
    return json::array({"x"});
  case json_kind::text_map:
    return {{"x", "y"}};
  case json_kind::events:
    return json::array(
        {{{"event", "told"}, {"only", {"a", "b"}}, {"receivers", {{"a", "done"}}}, {"attempt", 2}}});
  case json_kind::object:
  case json_kind::rows:
  case json_kind::row_map:
    break;
  }
  auto row = json::object();
  for (const auto& inner : field.of) row[inner.name] = fitting(inner);
  if (field.kind == json_kind::rows) return json::array({row});
  if (field.kind == json_kind::row_map) return {{"x", row}};
  return row;
}

json whole(json_shape shape) {
  auto made = json::object();
  for (const auto& field : shape) made[field.name] = fitting(field);
  return made;
}

const std::vector<json> anything{nullptr,
                                 true,
                                 -1,
                                 0u,
                                 1.5,
                                 "x",
                                 json::array(),
                                 {"x"},
                                 {5},
                                 {{{"x", "y"}}},
                                 json::object(),
                                 {{"x", 5}},
                                 {{"x", {{"y", {{"z", 1}}}}}}};

/// Every field of it and of its inner rows, put in its place, with every kind of value: what does not fit
/// must be refused, and nothing may throw.
void try_all(json_shape shape, const std::function<bool(const json&)>& fits_as) {
  auto good = whole(shape);
  CAPTURE(good.dump());
  CHECK(fits_as(good));
  for (const auto& field : shape) {
    CAPTURE(field.name);
    auto without = good;
    without.erase(field.name);
    CHECK(fits_as(without) == !field.needed);
    std::size_t refused = 0;
    for (const auto& value : anything) {
      auto changed = good;
      changed[field.name] = value;
      refused += !fits_as(changed);
    }
    CHECK(refused >= 7); // no kind is many of them
    if (field.of.empty()) continue;
    try_all(field.of, [&](const json& inner) {
      auto changed = good;
      if (field.kind == json_kind::rows)
        changed[field.name] = json::array({whole(field.of), inner});
      else if (field.kind == json_kind::row_map)
        changed[field.name] = {{"one", whole(field.of)}, {"other", inner}};
      else
        changed[field.name] = inner;
      return fits_as(changed);
    });
  }
}

} // namespace

TEST_CASE("a field of another kind is refused in every answer") {
  auto try_answer = [](json_shape shape) {
    try_all(shape, [&](const json& line) { return bool(fits_answer(line, shape)); });
  };
  for (const auto& verb : verbs()) {
    CAPTURE(verb.name);
    try_answer(verb.answer);
  }
  try_answer(answers::fetch);
}

TEST_CASE("numbers have their range") {
  const auto transfers = find_verb("transfers")->answer;
  CHECK(
      fits_answer({{"error", {{"code", "failed"}}}, {"exit", 1u}}, transfers)); // nothing else is needed then
  CHECK_FALSE(fits_answer({{"exit", 256u}}, {}));
}

TEST_CASE("an answer that can't be read names the node and what is wrong") {
  const auto transfers = find_verb("transfers")->answer;
  auto why = [&](const char* line) {
    auto read = read_answer(line, transfers, "EVIL");
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::bad_message);
    CHECK(read.error().hop == "EVIL");
    return read.error().text;
  };
  CHECK_THAT(why(R"({"transfers": [5], "exit": 0})"),
             Catch::Contains("\"transfers\": expected a list of objects"));
  CHECK_THAT(why(R"({"transfers": [{"x": [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}], "exit": 0})"),
             Catch::Contains("in each other"));
  CHECK_THAT(why(R"({"exit": "x"})"), Catch::Contains("\"exit\": expected a whole number"));
  CHECK_THAT(why(R"({"transfers": []})"), Catch::Contains("does not say how"));
  CHECK_THAT(why("[]"), Catch::Contains("no object"));
  CHECK_THAT(why("nonsense"), Catch::Contains("no JSON"));
  CHECK(read_answer(R"({"transfers": [], "exit": 0, "later": {"a": 1}})", transfers, "HOST1"));
}
