#include "node/requests/carried_rows.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace hublink;

using json = nlohmann::ordered_json;

TEST_CASE("rows that do not fit into an answer are said to be missing", "[carried_rows]") {
  json answer{{"streams", json::array({{{"number", 1}}, {{"number", 2}}})}};
  const auto whole = answer;
  cut_rows(answer, "streams", "ServerA");
  CHECK(answer == whole);

  const json row{{"text", std::string(1 << 20, 'x')}};
  json large{{"streams", json::array({row, row, row, row})}};
  cut_rows(large, "streams", "ServerA");
  CHECK(large["streams"].size() == 2);
  CHECK(large["missing"][0]["node"] == "ServerA");
  CHECK(large["exit"] == 6);
  CHECK(large.dump().size() < 3 << 20);
}
