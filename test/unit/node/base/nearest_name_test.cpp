#include "node/base/nearest_name.hpp"
#include "support/catch.hpp"

#include <array>

using namespace hublink;

TEST_CASE("the distance of two names is what it takes to make one of the other") {
  struct row {
    std::string_view from, to;
    std::size_t distance;
  };
  auto [from, to, distance] = GENERATE(
      row{"", "", 0}, row{"send", "send", 0}, row{"", "send", 4}, row{"sned", "send", 1},
      row{"sen", "send", 1}, row{"sendd", "send", 1}, row{"sand", "send", 1}, row{"nesd", "send", 2},
      row{"cancel", "dance", 2}, row{"status", "history", 6}, row{"ca", "abc", 3}, row{"Send", "send", 1});
  CAPTURE(from, to);
  CHECK(edit_distance(from, to) == distance);
  CHECK(edit_distance(to, from) == distance);
}

TEST_CASE("a name that was mistyped is near the one that was meant, others are near none") {
  constexpr std::array<std::string_view, 8> known{"send",   "status",   "history", "retry",
                                                  "cancel", "gateways", "run",     "rate"};
  struct row {
    std::string_view typed, meant;
  };
  auto [typed, meant] =
      GENERATE(row{"sned", "send"}, row{"snd", "send"}, row{"stauts", "status"}, row{"histroy", "history"},
               row{"gatway", "gateways"}, row{"ren", "run"}, row{"rat", "rate"}, row{"cancle", "cancel"},
               row{"retyr", "retry"}, row{"dance", ""}, row{"", ""}, row{"x", ""}, row{"sender2", ""},
               row{"SEND", ""});
  CAPTURE(typed);
  CHECK(nearest_name(typed, known).value_or("") == meant);
  CHECK_FALSE(nearest_name(std::string(1'000'000, 's'), known));
  CHECK_FALSE(nearest_name("send", {}));
}

TEST_CASE("of names that are as near the first one is meant") {
  constexpr std::array<std::string_view, 3> known{"hold", "held", "told"};
  CHECK(nearest_name("hald", known) == "hold");
  CHECK(nearest_name("told", known) == "told");
}

TEST_CASE("who is told that there is no such command is told which one is near") {
  constexpr std::array<std::string_view, 2> known{"send", "status"};
  CHECK(no_such_command("sned", known) == "sned: no such command; did you mean send?");
  CHECK(no_such_command("sned", known, "see --help") == "sned: no such command; did you mean send?");
  CHECK(no_such_command("dance", known) == "dance: no such command");
  CHECK(no_such_command("dance", known, "see --help") == "dance: no such command; see --help");
}
