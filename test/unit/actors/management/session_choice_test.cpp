#include "actors/management/session_choice.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

using standing = session_standing;

session_row row_of(std::string user, std::string server, standing state) {
  return {std::move(server), state, std::move(user), 0, {}};
}

const std::vector<session_row> nobody,
    one{row_of("op", "A", standing::in), row_of("op", "B", standing::failed)},
    two{row_of("anna", "A", standing::in), row_of("anna", "B", standing::lost),
        row_of("op", "A", standing::in)},
    other_was{row_of("anna", "A", standing::lost), row_of("op", "A", standing::in),
              row_of("op", "B", standing::in)},
    both_were{row_of("anna", "A", standing::lost), row_of("op", "A", standing::lost)},
    one_was{row_of("op", "A", standing::lost), row_of("op", "B", standing::failed)};

} // namespace

TEST_CASE("whose sessions a command goes by", "[session_choice]") {
  struct row {
    const char* what;
    std::vector<session_row> rows;
    const char *named, *chosen, *says;
  };
  auto each = GENERATE(
      row{"nobody is in", nobody, "", nullptr, "not logged in; see hublink login"},
      row{"nobody is in, one is named", nobody, "op", nullptr, "op is not logged in; see hublink login"},
      row{"one is in", one, "", "op", nullptr}, row{"one is in, and named", one, "op", "op", nullptr},
      row{"another one is named", one, "anna", nullptr,
          "anna is not logged in; see hublink login; logged in: op"},
      row{"several", two, "", nullptr, "several users are logged in: anna, op; say which one with --user"},
      row{"several, one is named", two, "op", "op", nullptr},
      row{"several, another one is named", two, "Op", nullptr, "logged in: anna, op"},
      row{"one of two was in", other_was, "", "op", nullptr},
      row{"who was in is named", other_was, "anna", "anna", nullptr},
      row{"both were in", both_were, "", nullptr, "anna, op"}, row{"one was in", one_was, "", "op", nullptr});
  CAPTURE(each.what);
  auto user = chosen_user(each.rows, each.named);
  REQUIRE(bool(user) == (each.chosen != nullptr));
  if (user)
    CHECK(*user == each.chosen);
  else {
    CHECK(user.error().code == errc::bad_config);
    CHECK_THAT(user.error().text, Catch::Contains(each.says));
  }
}

TEST_CASE("a user's own rows", "[session_choice]") {
  CHECK(rows_of(two, "anna").size() == 2);
  CHECK(rows_of(two, "op").front().server == "A");
  CHECK(rows_of(two, "nobody").empty());
}
