#include "node/requests/request_fields.hpp"
#include "node/requests/verbs.hpp"

#include "documents.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <vector>

using namespace hublink;

namespace {

using json = nlohmann::ordered_json;
constexpr auto by_socket = request_way::socket, by_session = request_way::session;

const verb& row_of(const json& request) {
  auto* row = find_verb(request.at("verb").get<std::string>());
  REQUIRE(row);
  return *row;
}

std::string why_refused(const char* request, request_way way = by_socket) {
  auto parsed = json::parse(request);
  return wrong_field(row_of(parsed), parsed, way).value_or("");
}

std::string cell_of(const verb& row) {
  std::string cell;
  for (const auto& field : row.fields)
    if (field.by != by_session)
      cell += (cell.empty() ? "`" : ", `") + std::string{field.name} + "`" + (field.needed ? "" : "?");
  return cell;
}

/// A value of that kind, as small as can be.
json fitting(const request_field& field) {
  switch (field.what) {
  case request_field::kind::text:
  case request_field::kind::word:
    return "x";
  case request_field::kind::flag:
    return true;
  case request_field::kind::number:
    return 1u;
  case request_field::kind::names:
  case request_field::kind::words:
    return json::array({"x"});
  case request_field::kind::keys:
    break;
  }
  return {{"stored", "x"}, {"server", "y"}};
}

/// Values of all kinds; each field takes few of them.
const std::vector<json> any_values{nullptr,
                                   true,
                                   -1,
                                   0u,
                                   1.5,
                                   "",
                                   std::string(256, 'x'),
                                   json::array(),
                                   {""},
                                   {5},
                                   {"a b"},
                                   json::object(),
                                   {{"stored", "x"}},
                                   {{"stored", "x"}, {"server", 5}}};

json whole_request(const verb& row, request_way way) {
  json request{{"verb", row.name}};
  for (const auto& field : row.fields)
    if (!field.by || field.by == way) request[field.name] = fitting(field);
  return request;
}

} // namespace

TEST_CASE("docs/reference/control.md has the fields of every verb", "[request_fields]") {
  std::map<std::string, std::string> documented;
  for (const auto& cells : table_of_document("docs/reference/control.md", "## Control socket"))
    documented[cells[0].substr(1, cells[0].size() - 2)] = cells[1];
  for (const auto& row : verbs()) {
    CAPTURE(row.name);
    auto cell = documented[std::string{row.name}];
    if (!cell.starts_with("the same") && !cell.starts_with("as in")) CHECK(cell == cell_of(row));
  }
}

TEST_CASE("each field of each verb is of its kind, by either way in", "[request_fields]") {
  for (const auto& row : verbs())
    for (auto way : {by_socket, by_session}) {
      const auto good = whole_request(row, way);
      CAPTURE(good.dump());
      CHECK_FALSE(wrong_field(row, good, way));
      CHECK(fits_request(good));
      for (const auto& field : row.fields) {
        if (field.by && field.by != way) continue;
        CAPTURE(field.name);
        auto without = good;
        without.erase(std::string{field.name});
        CHECK(wrong_field(row, without, way).has_value() == field.needed);
        if (way == by_session) CHECK(bool(fits_request(without)) == !field.needed);
        std::size_t refused = 0;
        for (const auto& value : any_values) {
          auto changed = good;
          changed[field.name] = value;
          const bool is_wrong = wrong_field(row, changed, way).has_value();
          CHECK(is_wrong == !fits_request(changed)); // both go by the same
          refused += is_wrong;
        }
        CHECK(refused >= 9);
      }
      auto more = good;
      more["colour"] = "blue";
      CHECK(wrong_field(row, more, way));
    }
}

TEST_CASE("what comes over a session is looked at first, of unknown verbs too", "[request_fields]") {
  CHECK(fits_request({{"verb", "dance"}, {"steps", {1, 2}}}));
  CHECK(fits_request({{"verb", "transfers"}, {"limit", 100'000u}, {"since_ms", -1}}));
  for (const auto& wrong :
       {json{{"verb", 5}}, json{{"verb", std::string(256, 'x')}}, json{{"verb", "dance"}, {"only_files", 5}},
        json{{"only_files", {5}}}, json{{"network", "yes"}}, json{{"at", {"HOST1"}}},
        json{{"verb", "transfers"}, {"limit", 100'001u}}}) {
    CAPTURE(wrong.dump());
    auto fine = fits_request(wrong);
    REQUIRE_FALSE(fine);
    CHECK(fine.error().code == errc::bad_message);
  }
}

TEST_CASE("whose sessions is said at the control socket, where it takes one", "[request_fields]") {
  for (const auto& row : verbs()) {
    CAPTURE(row.name);
    auto request = whole_request(row, by_socket);
    const bool own = request.contains("user");
    request["user"] = "op";
    CHECK(wrong_field(row, request, by_socket).has_value() == (row.scope == verb_scope::here && !own));
    const bool of_account = own && row.name.starts_with("users-"); // it is another user, who is spoken of
    CHECK(wrong_field(row, request, by_session).has_value() == !of_account);
  }
}

TEST_CASE("a command with all that it may have is fine", "[request_fields]") {
  auto request = GENERATE(
      R"({"verb": "send", "file": "FILE01"})", R"({"verb": "send", "file": "FILE01", "wait": true})",
      R"({"verb": "transfers", "file": "", "limit": 1000, "state": "", "host": "", "since_ms": -5, "network": true})",
      R"({"verb": "rate", "rate": 0})", R"({"verb": "rate", "rate": 1000000000000, "transfer": "3f0c"})",
      R"({"verb": "send", "file": "FILE01", "user": "op"})", R"({"verb": "apply", "user": "op"})",
      R"({"verb": "hold", "at": "HOST1"})", R"({"verb": "hold", "at": "", "only_files": ["FILE01"]})",
      R"({"verb": "events", "from": 18446744073709551615, "wait_ms": 0, "transfer": "", "oldest": false, "clients": true})",
      R"({"verb": "users-add", "user": "a", "password": "b", "rights": "view", "transfers": []})",
      R"({"verb": "users-add", "user": "a", "password": "b", "rights": "view", "transfers": ["FILE01", "x.y-z_1"]})",
      R"({"verb": "define", "definition": "00", "list": ""})", R"({"verb": "apply"})");
  CAPTURE(request);
  CHECK(why_refused(request).empty());
}

TEST_CASE("a command with a field that does not fit is refused, and says what would", "[request_fields]") {
  struct row {
    const char *request, *says;
  };
  auto each = GENERATE(
      // What would have been an account without a limit, a rate for all, events of all.
      row{R"({"verb": "users-add", "user": "a", "password": "b", "rights": "view", "transfer": ["FILE01"]})",
          "users-add: there is no field 'transfer'; did you mean 'transfers'?"},
      row{R"({"verb": "users-add", "user": "a", "password": "b", "rights": "view", "transfers": "FILE01"})",
          "users-add: the field 'transfers' must be a list of names"},
      row{R"({"verb": "users-add", "user": "a", "password": "b", "rights": "view", "transfers": [""]})",
          "users-add: the field 'transfers' must be a list of names"},
      row{R"({"verb": "users-add", "user": "a", "password": "b", "rights": "view", "transfers": [null]})",
          "users-add: the field 'transfers' must be a list of names"},
      row{R"({"verb": "users-add", "user": "a", "password": "b", "rights": ["view"]})",
          "users-add: the field 'rights' must be a text that is not empty"},
      row{R"({"verb": "users-add", "user": "a", "password": "b"})",
          "users-add: the field 'rights' is missing"},
      row{R"({"verb": "rate", "rate": 1000, "transfer": 5})", "rate: the field 'transfer' must be a text"},
      row{R"({"verb": "rate", "rate": 1000, "transfer": ""})",
          "rate: the field 'transfer' must be a text that"},
      row{R"({"verb": "rate", "rate": 1000, "transfr": "3f0c"})", "did you mean 'transfer'?"},
      row{R"({"verb": "rate", "transfer": "3f0c"})", "rate: the field 'rate' is missing"},
      row{R"({"verb": "rate", "rate": -1})", "rate: the field 'rate' must be a whole number from 0 to"},
      row{R"({"verb": "rate", "rate": 1e3})", "must be a whole number"},
      row{R"({"verb": "rate", "rate": 1000000000001})", "must be a whole number"},
      row{R"({"verb": "events", "transfer": 7})", "events: the field 'transfer' must be a text"},
      row{R"({"verb": "events", "from": -3})", "events: the field 'from' must be a whole number"},
      row{R"({"verb": "events", "wait_ms": "20"})", "events: the field 'wait_ms' must be a whole number"},
      row{R"({"verb": "feed", "follow": "yes"})", "feed: the field 'follow' must be true or false"},
      row{R"({"verb": "hold", "at": 5})", "hold: the field 'at' must be a text"},
      row{R"({"verb": "status", "network": 5})", "status: the field 'network' must be true or false"},
      row{R"({"verb": "status", "only_files": "FILE01"})", "'only_files' must be a list"},
      row{R"({"verb": "status", "onlyfiles": ["FILE01"]})", "did you mean 'only_files'?"},
      row{R"({"verb": "status", "colour": "blue"})", "status: there is no field 'colour'; remove it"},
      row{R"({"verb": "transfers", "limit": -1})", "transfers: the field 'limit' must be a whole number"},
      row{R"({"verb": "transfers", "since_ms": 1e30})", "'since_ms' must be a whole number"},
      row{R"({"verb": "history", "satte": "failed"})", "did you mean 'state'?"},
      row{R"({"verb": "transfers", "limit": 100001})", "a whole number from 0 to 100000"},
      row{R"({"verb": "ping", "host": "HOST2", "user": "op"})", "ping: there is no field 'user'; remove it"},
      row{R"({"verb": "login", "user": "op", "scram": "x"})", "login: there is no field 'scram'"},
      row{R"({"verb": "users-passwd", "user": "a", "keys": {"stored": "x"}})",
          "an object of texts, with stored"},
      row{R"({"verb": "send"})", "send: the field 'file' is missing"},
      row{R"({"verb": "send", "file": ""})", "send: the field 'file' must be a text that is not empty"},
      row{R"({"verb": "send", "file": "FILE01", "receivers": ["HOST2"]})",
          "send: there is no field 'receivers'; remove it, known here: file, wait"},
      row{R"({"verb": "cancel", "transfer": null})", "cancel: the field 'transfer' must be a text"},
      row{R"({"verb": "apply", "topology": ""})",
          "apply: the field 'topology' must be a text that is not empty"},
      row{R"({"verb": "apply", "dry-run": true})", "did you mean 'dry_run'?"});
  CAPTURE(each.request);
  CHECK_THAT(why_refused(each.request), Catch::Contains(each.says));
}
