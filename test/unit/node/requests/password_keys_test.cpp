#include "node/requests/password_keys.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace hublink;

namespace {

nlohmann::ordered_json shape_of_recipe() {
  scram::recipe how;
  how.salt.fill(std::byte{7});
  return recipe_json(how);
}

} // namespace

TEST_CASE("a recipe for keys comes back as it was", "[password_keys]") {
  scram::recipe how;
  how.salt.fill(std::byte{9});
  how.cost = scram::most_cost;
  auto back = recipe_of_json(recipe_json(how));
  REQUIRE(back);
  CHECK(*back == how);
}

TEST_CASE("a server gets no keys by a recipe that is none, too cheap or too dear", "[password_keys]") {
  for (const char* changes :
       {R"({"salt": null})", R"({"salt": "00"})", R"({"salt": "zz"})", R"({"passes": 1})", R"({"passes": 9})",
        R"({"passes": "2"})", R"({"passes": 4294967298})", R"({"memory_kib": 1024})",
        R"({"memory_kib": 1048576})", R"({"memory_kib": -1})"}) {
    CAPTURE(changes);
    auto shape = shape_of_recipe();
    REQUIRE(recipe_of_json(shape));
    shape.update(nlohmann::ordered_json::parse(changes));
    auto read = recipe_of_json(shape);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::bad_message);
  }
}
