#include "node/requests/verbs.hpp"

#include "documents.hpp"

#include <set>

using namespace hublink;

namespace {

account with(std::set<right> rights, std::set<std::string> files = {}) {
  return {"somebody", std::move(rights), std::move(files)};
}

outcome<> may(const account& user, std::string_view name, const std::string& file = {}) {
  auto* known = find_verb(name);
  INFO(name);
  REQUIRE(known);
  return may_command(user, name, known->takes, file);
}

const std::set<right> every_right{right::view, right::transfer, right::manage, right::users};

} // namespace

TEST_CASE("every verb has one row, and what that says goes together") {
  std::set<std::string_view> names;
  for (const auto& row : verbs()) {
    CAPTURE(row.name);
    CHECK(names.insert(row.name).second);
    CHECK(find_verb(row.name) == &row);
    CHECK(row.serve);
    CHECK((row.join != nullptr) == (row.scope == verb_scope::network));
    // What other nodes do for a manager, his account has to allow there.
    CHECK((row.takes.needed || row.scope == verb_scope::here));
  }
  CHECK_FALSE(find_verb(""));
  CHECK_FALSE(find_verb("Send"));
}

TEST_CASE("docs/json.md has every verb, its right, and where it is done") {
  std::set<std::string> documented;
  for (const auto& cells : table_of_document("docs/json.md", "## Control socket")) {
    REQUIRE(cells.size() == 4);
    auto name = cells[0].substr(1, cells[0].size() - 2);
    CAPTURE(name);
    CHECK(documented.insert(name).second);
    auto* row = find_verb(name);
    REQUIRE(row);
    CHECK(cells[2] == (row->takes.needed ? "`" + std::string{to_string(*row->takes.needed)} + "`" : "–"));
    CHECK(cells[3] == to_string(row->scope));
  }
  for (const auto& row : verbs()) {
    CAPTURE(row.name);
    CHECK(documented.count(std::string{row.name}));
  }
}

TEST_CASE("an account that is limited gives no command to a whole node") {
  auto limited = with(every_right, {"FILE01", "FILE02"});
  for (auto name : {"send", "request", "cancel", "retry"}) {
    CHECK(may(limited, name, "FILE02"));
    CHECK_FALSE(may(limited, name, "FILE03"));
  }
  for (auto name : {"hold", "release", "rate", "define", "definition"})
    for (auto file : {"", "FILE01"}) CHECK_FALSE(may(limited, name, file));
  CHECK(may(limited, "transfers"));
}

TEST_CASE("what only the operator may, no account may from afar") {
  for (auto name : {"login", "logout", "sessions", "apply", "feed", "gateways", "streams"})
    CHECK_FALSE(may(with(every_right), name));
}

TEST_CASE("who gives an unknown verb is told the nearest one") {
  CHECK(no_such_verb("sned") == "sned: no such command; did you mean send?");
  CHECK(no_such_verb("dance") == "dance: no such command");
}
