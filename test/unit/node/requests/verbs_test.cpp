#include "node/requests/verbs.hpp"

#include "documents.hpp"

#include <map>
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
    const bool gathers = row.scope == verb_scope::network || row.scope == verb_scope::servers;
    CHECK((row.join != nullptr) == gathers);
    // What other nodes do for a manager, his account has to allow there.
    CHECK((row.takes.needed || row.scope == verb_scope::here));
  }
  CHECK_FALSE(find_verb(""));
  CHECK_FALSE(find_verb("Send"));
}

TEST_CASE("docs/reference/control.md has every verb, its right, where it is done, and what it answers") {
  std::set<std::string> documented;
  for (const auto& cells : table_of_document("docs/reference/control.md", "## Control socket")) {
    REQUIRE(cells.size() == 5);
    auto name = cells[0].substr(1, cells[0].size() - 2);
    CAPTURE(name);
    CHECK(documented.insert(name).second);
    auto* row = find_verb(name);
    REQUIRE(row);
    CHECK(cells[2] == (row->takes.needed ? "`" + std::string{to_string(*row->takes.needed)} + "`" : "–"));
    CHECK(cells[3] == to_string(row->scope));
    CHECK_FALSE(cells[4].empty());
    for (const auto& field : row->answer)
      CHECK_THAT(cells[4], Catch::Contains("`" + std::string{field.name} + "`"));
  }
  for (const auto& row : verbs()) {
    CAPTURE(row.name);
    CHECK(documented.count(std::string{row.name}));
  }
}

// Each verb has its row here: a new one fails until somebody has said what it takes, and what it is for an
// account that is limited to FILE01. test/harness/hostile_account.py has what is seen of the others'
// transfers.
TEST_CASE("every verb x right x limit") {
  using enum right;
  enum limited { own, refused }; // own: of its files, or of none in particular
  struct expectation {
    std::optional<right> takes; ///< none: no account may from afar
    limited where_limited;
  };
  const std::map<std::string_view, expectation> expected{
      {"send", {transfer, own}},
      {"request", {transfer, own}},
      {"cancel", {transfer, own}},
      {"retry", {transfer, own}},
      {"transfers", {view, own}},
      {"history", {view, own}},
      {"trace", {view, own}},
      {"stored", {view, own}},
      {"deliver", {transfer, own}},
      {"status", {view, own}},
      {"ping", {view, own}},
      {"measure", {manage, refused}},
      {"hold", {manage, refused}},
      {"release", {manage, refused}},
      {"drain", {manage, refused}},
      {"rate", {manage, refused}},
      {"gateways", {view, refused}},
      {"streams", {view, refused}},
      {"events", {view, own}},
      {"feed", {{}, refused}},
      {"login", {{}, refused}},
      {"logout", {{}, refused}},
      {"sessions", {{}, refused}},
      {"apply", {{}, refused}},
      {"revoke", {{}, refused}},
      {"revocations", {manage, refused}},
      {"invite", {{}, refused}},
      {"enrolments", {view, refused}},
      {"enrol", {manage, refused}},
      {"renew", {manage, refused}},
      {"define", {manage, refused}},
      {"definition", {view, refused}},
      {"users-list", {users, refused}},
      {"users-recipe", {users, refused}},
      {"users-add", {users, refused}},
      {"users-set", {users, refused}},
      {"users-remove", {users, refused}},
      {"users-passwd", {users, refused}},
      {"audit", {users, refused}},
      {"metrics", {view, refused}},
      {"topology", {view, refused}},
      {"check", {view, own}},
      {"plan", {view, refused}},
      {"tokens-list", {users, refused}},
      {"tokens-add", {users, refused}},
      {"tokens-remove", {users, refused}},
  };
  CHECK(expected.size() == verbs().size());
  for (const auto& row : verbs()) {
    CAPTURE(row.name);
    REQUIRE(expected.count(row.name));
    auto [takes, where_limited] = expected.at(row.name);
    for (auto has : every_right)
      for (std::set<std::string> files : {std::set<std::string>{}, {"FILE01"}, {"FILE01", "FILE02"}})
        for (std::string file : {"", "FILE01", "SECRET"}) {
          CAPTURE(to_string(has), files.size(), file);
          bool fits = files.empty() || (where_limited == own && file != "SECRET");
          CHECK(bool(may(with({has}, files), row.name, file)) == (takes == has && fits));
          auto others = every_right;
          others.erase(has);
          CHECK(bool(may(with(others, files), row.name, file)) == (takes && takes != has && fits));
        }
  }
}

TEST_CASE("who gives an unknown verb is told the nearest one") {
  CHECK(no_such_verb("sned") == "sned: no such command; did you mean send?");
  CHECK(no_such_verb("dance") == "dance: no such command");
}
