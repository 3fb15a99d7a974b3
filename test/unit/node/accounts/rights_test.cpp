#include "node/accounts/rights.hpp"
#include "support/catch.hpp"

#include <array>

using namespace hublink;

namespace {

account with(std::set<right> rights, std::set<std::string> files = {}) {
  return {"somebody", std::move(rights), std::move(files)};
}

constexpr std::array all_rights{right::view, right::transfer, right::manage, right::users};
const std::set<right> every_right{all_rights.begin(), all_rights.end()};

} // namespace

TEST_CASE("a command takes exactly its right") {
  for (auto needed : all_rights) {
    command_rights takes{needed, subject::none};
    for (auto has : all_rights) {
      CAPTURE(to_string(needed), to_string(has));
      CHECK(bool(may_command(with({has}), "dance", takes, "")) == (has == needed));
    }
    CHECK_FALSE(may_command(with({}), "dance", takes, ""));
    CHECK(may_command(with(every_right), "dance", takes, ""));
    CHECK(takes.changes() == (needed != right::view));
  }
}

TEST_CASE("a command of the node's operator alone is nobody else's") {
  auto refused = may_command(with(every_right), "dance", operator_alone, "");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::not_authorised);
  CHECK(operator_alone.changes());
}

TEST_CASE("an account that is limited touches its transfers alone") {
  auto limited = with(every_right, {"FILE01", "FILE02"});
  for (auto about : {subject::file, subject::listing, subject::none}) {
    command_rights takes{right::view, about};
    CHECK(may_command(limited, "dance", takes, "FILE02"));
    CHECK(may_command(limited, "dance", takes, ""));
    CHECK_FALSE(may_command(limited, "dance", takes, "FILE03"));
  }
  for (auto file : {"", "FILE01"})
    CHECK_FALSE(may_command(limited, "dance", {right::view, subject::node}, file));
  CHECK_FALSE(limited.limit().covers("FILE03"));
  CHECK_FALSE(limited.limit().covers("")); // a file that is not known
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

TEST_CASE("a limit is narrowed by another one, and never widened") {
  using names = std::set<std::string>;
  const file_limit all, none{names{}}, a{names{"A"}}, b{names{"B"}}, ab{names{"A", "B"}};
  const std::array limits{all, none, a, b, ab};
  for (const auto& one : limits)
    for (const auto& other : limits) {
      auto both = one.within(other);
      CAPTURE(one.names().size(), other.names().size());
      CHECK(one.covers(both));
      CHECK(other.covers(both));
      for (auto file : {"A", "B", "C", ""})
        CHECK(both.covers(file) == (one.covers(file) && other.covers(file)));
      CHECK(both.is_all() == (one.is_all() && other.is_all()));
    }
  CHECK(a.within(b).names().empty());
  CHECK_FALSE(a.within(b).is_all());
  CHECK_FALSE(ab.covers(all));
  CHECK_FALSE(a.covers(ab));
}

TEST_CASE("nobody has power over who has more than he") {
  for (auto mine : all_rights)
    for (auto theirs : all_rights) CHECK(bool(may_govern(with({mine}), with({theirs}))) == (mine == theirs));
  CHECK(may_govern(with(every_right), with(every_right)));
  CHECK(may_govern(with(every_right), with(every_right, {"FILE01"})));
  CHECK(may_govern(with({right::users}), with({})));
  auto limited = with(every_right, {"FILE01", "FILE02"});
  CHECK(may_govern(limited, with({right::view}, {"FILE01"})));
  CHECK_FALSE(may_govern(limited, with({right::view}, {"FILE03"})));
  CHECK_FALSE(may_govern(limited, with({right::view}))); // not limited at all
}
