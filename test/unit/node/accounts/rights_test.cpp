#include "node/accounts/rights.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace hublink;

namespace {

account with(std::set<right> rights, std::set<std::string> files = {}) {
  return {"somebody", std::move(rights), std::move(files)};
}

constexpr std::array all_rights{right::view, right::transfer, right::manage, right::users};

} // namespace

TEST_CASE("every command takes exactly its right") {
  const std::map<std::string, right> wanted{
      {"status", right::view},     {"transfers", right::view},     {"history", right::view},
      {"ping", right::view},       {"trace", right::view},         {"events", right::view},
      {"send", right::transfer},   {"request", right::transfer},   {"cancel", right::transfer},
      {"retry", right::transfer},  {"stored", right::view},        {"deliver", right::transfer},
      {"hold", right::manage},     {"release", right::manage},     {"rate", right::manage},
      {"define", right::manage},   {"definition", right::view},    {"users-list", right::users},
      {"users-add", right::users}, {"users-remove", right::users}, {"users-passwd", right::users},
      {"audit", right::users}};
  auto table = commands_with_rights();
  CHECK(table.size() == wanted.size());
  for (auto verb : table) {
    auto needed = wanted.find(std::string{verb});
    CAPTURE(verb);
    REQUIRE(needed != wanted.end());
    CHECK(right_needed(verb) == needed->second);
    for (auto has : all_rights) {
      CAPTURE(to_string(has));
      CHECK(bool(may_command(with({has}), verb, "")) == (has == needed->second));
    }
    CHECK_FALSE(may_command(with({}), verb, ""));
    CHECK(may_command(with({all_rights.begin(), all_rights.end()}), verb, ""));
  }
}

TEST_CASE("a command that is not in the table is nobody's") {
  for (auto verb : {"", "stop", "login", "users", "Send"}) {
    auto refused = may_command(with({all_rights.begin(), all_rights.end()}), verb, "");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::not_authorised);
  }
}

TEST_CASE("an account that is limited touches its transfers alone") {
  auto limited = with({all_rights.begin(), all_rights.end()}, {"FILE01", "FILE02"});
  for (auto verb : {"send", "request", "cancel", "retry"}) {
    CAPTURE(verb);
    CHECK(may_command(limited, verb, "FILE02"));
    CHECK_FALSE(may_command(limited, verb, "FILE03"));
  }
  for (auto verb : {"hold", "release", "rate", "define", "definition"})
    for (auto file : {"", "FILE01"}) CHECK_FALSE(may_command(limited, verb, file));
  CHECK(may_command(limited, "transfers", ""));
  CHECK_FALSE(limited.may_touch("FILE03"));
}

TEST_CASE("rights read as they are written") {
  for (auto text : {"", "view", "view,transfer", "view,transfer,manage,users"}) {
    auto rights = rights_from_text(text);
    REQUIRE(rights);
    CHECK(to_text(*rights) == text);
  }
  CHECK_FALSE(rights_from_text("view,everything"));
  CHECK_FALSE(rights_from_text("view,,users"));
}
