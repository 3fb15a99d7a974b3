#include "node/requests/request_fields.hpp"
#include "node/requests/verbs.hpp"

#include "documents.hpp"

#include <nlohmann/json.hpp>

#include <set>

using namespace hublink;

namespace {

std::string why_refused(const char* request) {
  auto parsed = nlohmann::ordered_json::parse(request);
  return wrong_field(parsed.at("verb").get<std::string>(), parsed).value_or("");
}

std::string cell_of(const verb_fields& row) {
  std::string cell;
  for (const auto& field : row.fields)
    cell += (cell.empty() ? "`" : ", `") + std::string{field.name} + "`" + (field.needed ? "" : "?");
  return cell;
}

} // namespace

TEST_CASE("every verb has its fields, and docs/json.md has the same", "[request_fields]") {
  std::set<std::string_view> names;
  for (const auto& row : all_verb_fields()) {
    CAPTURE(row.verb);
    CHECK(names.insert(row.verb).second);
    CHECK(find_verb(row.verb));
  }
  for (const auto& row : verbs()) {
    CAPTURE(row.name);
    CHECK(names.count(row.name));
  }
  std::map<std::string, std::string> documented;
  for (const auto& cells : table_of_document("docs/json.md", "## Control socket"))
    documented[cells[0].substr(1, cells[0].size() - 2)] = cells[1];
  for (const auto& row : all_verb_fields()) {
    CAPTURE(row.verb);
    auto cell = documented[std::string{row.verb}];
    if (!cell.starts_with("the same") && !cell.starts_with("as in")) CHECK(cell == cell_of(row));
  }
}

TEST_CASE("a command with all that it may have is fine", "[request_fields]") {
  auto request = GENERATE(
      R"({"verb": "send", "file": "FILE01"})", R"({"verb": "send", "file": "FILE01", "wait": true})",
      R"({"verb": "transfers", "file": "", "limit": 1000, "state": "", "host": "", "since_ms": -5, "network": true})",
      R"({"verb": "rate", "rate": 0})", R"({"verb": "rate", "rate": 1000000000000, "transfer": "3f0c"})",
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
