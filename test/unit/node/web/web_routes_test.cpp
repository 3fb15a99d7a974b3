#include "node/web/open_api.hpp"
#include "node/web/web_routes.hpp"

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <set>

using namespace hublink;

namespace {

using json = nlohmann::ordered_json;

const web_route& route_to(std::string_view name) {
  auto* found = find_web_route(std::string{api_root} + std::string{name});
  REQUIRE(found);
  return *found;
}

outcome<web_command> asked_by_query(std::string_view name, std::string_view query) {
  return command_of_query(route_to(name), *read_target("/x?" + std::string{query}));
}

} // namespace

TEST_CASE("every verb is a route, or one that is given at the node itself") {
  const std::set<std::string_view> at_the_node{"login", "logout", "events", "feed", "users-recipe"},
      opened{"apply", "invite", "revoke", "sessions"};
  std::set<std::string> paths;
  for (const auto& each : web_routes()) {
    CAPTURE(each.path);
    CHECK(paths.insert(each.path).second);
    CHECK(each.path.find('-') == std::string::npos);
    CHECK((each.posts || each.what->takes.tells || opened.count(each.what->name)));
  }
  for (const auto& verb : verbs()) {
    CAPTURE(verb.name);
    bool has = std::ranges::any_of(web_routes(), [&](const auto& each) { return each.what == &verb; });
    bool wanted = !at_the_node.count(verb.name) && (verb.takes.needed || opened.count(verb.name));
    CHECK(has == wanted);
    CHECK_FALSE((has && !verb.takes.needed && !opened.count(verb.name)));
  }
}

TEST_CASE("by whose sessions a command goes is not said over HTTP") {
  for (const auto& route : web_routes()) {
    CAPTURE(route.path);
    const json said{{whose_field(*route.what), "op"}};
    CHECK_FALSE(command_of_body(route, said.dump()));
    CHECK_FALSE(command_of_query(route, *read_target("/x?" + std::string{whose_field(*route.what)} + "=op")));
  }
  CHECK(std::string_view{whose_field(*find_verb("users-add"))} == "sessions_of");
  CHECK(std::string_view{whose_field(*find_verb("tokens-add"))} == "user");
}

TEST_CASE("a query is read as the verb's fields are") {
  auto made = asked_by_query("transfers", "file=FILE01&since_ms=-5&limit=20&page=3&sort=-started");
  REQUIRE(made);
  CHECK(made->request ==
        json{{"verb", "transfers"}, {"file", "FILE01"}, {"since_ms", -5}, {"limit", 100000}});
  CHECK(made->page.page == 3);
  CHECK(asked_by_query("transfers", "page=3&limit=20")->request["limit"] == 61);
  CHECK(asked_by_query("streams", "closed=true")->request["closed"] == true);
  CHECK(asked_by_query("status", "at=HOST1&network=false")->request["network"] == false);
  CHECK(asked_by_query("trace", "transfer=12")->request["transfer"] == "12");
  for (const char* wrong :
       {"limit=x", "limit=0", "page=0", "page=-1", "page=100000", "since_ms=1x", "since_ms=", "network=1",
        "file=A&file=B", "only_files=A", "nonce=1", "user=op", "keys=1", "limit=100001"}) {
    CAPTURE(wrong);
    auto no = asked_by_query("transfers", wrong);
    REQUIRE_FALSE(no);
    CHECK(no.error().code == errc::bad_config);
  }
}

TEST_CASE("a body is an object of the verb's fields") {
  CHECK(command_of_body(route_to("hold"), "")->request == json{{"verb", "hold"}});
  CHECK(command_of_body(route_to("send"), R"({"file":"F","wait":true})")->request ==
        json{{"verb", "send"}, {"file", "F"}, {"wait", true}});
  CHECK(command_of_body(route_to("users/set"), R"({"user":"a"})")->request["user"] == "a");
  for (const char* wrong : {"x", "[]", "null", R"({"verb":"audit"})", R"({"user":"op"})",
                            R"({"only_files":[]})", R"({"password":"x"})", R"({"file":"a","file":"b"})"}) {
    CAPTURE(wrong);
    CHECK_FALSE(command_of_body(route_to("send"), wrong));
  }
  CHECK_FALSE(command_of_body(route_to("users/add"), R"({"keys":{}})"));
}

TEST_CASE("a page is so many rows in that order") {
  const auto rows = [](const web_page& wanted) {
    json answer{{"transfers", {{{"n", 2}}, {{"n", 3}}, {{"n", 1}}, {{"other", 1}}}}};
    take_page(answer, "transfers", wanted);
    return std::pair{answer["transfers"], answer["more"].get<bool>()};
  };
  CHECK(rows({"", 1, 2}) == std::pair{json{{{"n", 2}}, {{"n", 3}}}, true});
  CHECK(rows({"", 2, 2}) == std::pair{json{{{"n", 1}}, {{"other", 1}}}, false});
  CHECK(rows({"n", 1, 2}) == std::pair{json{{{"other", 1}}, {{"n", 1}}}, true});
  CHECK(rows({"-n", 1, 1}) == std::pair{json{{{"n", 3}}}, true});
  CHECK(rows({"", 9, 9}) == std::pair{json::array(), false});
  json other{{"record", 1}};
  take_page(other, "transfers", {});
  CHECK_FALSE(other.contains("more"));
}

TEST_CASE("the description has every route") {
  auto document = json::parse(open_api());
  CHECK(document["openapi"] == "3.1.0");
  for (const auto& each : web_routes()) {
    CAPTURE(each.path);
    REQUIRE(document["paths"].contains(each.path));
    CHECK(document["paths"][each.path].contains(each.posts ? "post" : "get"));
  }
  CHECK(document["paths"].size() == web_routes().size() + 9);
  CHECK(open_api().find("keys") == std::string::npos);
}
