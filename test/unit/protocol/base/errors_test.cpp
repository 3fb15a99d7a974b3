#include "protocol/base/errors.hpp"
#include "support/catch.hpp"

#include <fstream>
#include <map>
#include <set>

using namespace hublink;

TEST_CASE("every code has a name of its own that reads back") {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(errc::expired); ++i) {
    auto code = static_cast<errc>(i);
    CAPTURE(i, to_string(code));
    CHECK(errc_from_string(to_string(code)) == code);
    CHECK(names.insert(to_string(code)).second);
  }
  CHECK(to_string(errc::no_route) == "no-route");
}

TEST_CASE("an unknown name reads as failed") {
  CHECK(errc_from_string("from-the-future") == errc::failed);
  CHECK(errc_from_string("") == errc::failed);
}

TEST_CASE("exit codes follow the interface") {
  struct row {
    errc code;
    int exit;
  };
  auto each =
      GENERATE(row{errc::failed, 1}, row{errc::bad_config, 2}, row{errc::no_route, 4}, row{errc::loop, 4},
               row{errc::hop_down, 4}, row{errc::timed_out, 4}, row{errc::unknown_file, 5},
               row{errc::not_registered, 5}, row{errc::not_authorised, 5}, row{errc::bad_token, 5},
               row{errc::replayed, 5}, row{errc::never_sent, 5}, row{errc::line_down, 4},
               row{errc::not_authenticated, 5}, row{errc::cancelled, 7}, row{errc::no_space, 8},
               row{errc::unconfirmed, 1}, row{errc::tampered, 1}, row{errc::file_missing, 1});
  CAPTURE(to_string(each.code));
  CHECK(exit_code(each.code) == each.exit);
}

TEST_CASE("no path leaves the node") {
  for (int i = 0; i <= static_cast<int>(errc::expired); ++i) {
    failure what{static_cast<errc>(i), {}, "can't use /srv/in/SECRET: why"};
    bool of_files =
        exit_code(what.code) == 8 || to_string(what.code).starts_with("file-") || what.code == errc::io_error;
    CAPTURE(to_string(what.code));
    CHECK((text_for_others(what) == what.text) == !of_files);
    CHECK((text_for_others(what).find("SECRET") == std::string::npos) == of_files);
  }
}

TEST_CASE("a failure is one line that names the hop") {
  CHECK(to_string(failure{errc::no_route, "ServerA", "no route to X"}) == "no route to X (at ServerA)");
  CHECK(to_string(failure{errc::no_route, "", "no route to X"}) == "no route to X");
  CHECK(to_string(failure{errc::no_route, "", ""}) == "no-route");
  CHECK(to_string(failure{errc::failed, "S\x1b[2J", "a\nb"}) == "a b (at S [2J)");
}

TEST_CASE("docs/reference/errors.md has every code with its exit code") {
  std::ifstream page{std::string(HUBLINK_SOURCE_DIR) + "/docs/reference/errors.md"};
  std::map<std::string, int> rows;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    auto end = line.find('`', 3), last = line.rfind("| ", line.size() - 3);
    rows[line.substr(3, end - 3)] = std::stoi(line.substr(last + 2));
  }
  for (int i = 0; i <= static_cast<int>(errc::expired); ++i) {
    auto code = static_cast<errc>(i);
    CAPTURE(to_string(code));
    REQUIRE(rows.count(std::string{to_string(code)}) == 1);
    CHECK(rows[std::string{to_string(code)}] == exit_code(code));
  }
  CHECK(rows.size() == static_cast<std::size_t>(errc::expired) + 1);
}
