#include "node/base/printing.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

using namespace hublink;

TEST_CASE("texts are shown, lines and columns are the format's own") {
  std::ostringstream out;
  const std::string name = "a\nb\x1b[2J";
  print(out, "{:<4}|{}|{:>3}|{:.1f}\n", "x", name, 7, 1.25);
  CHECK(out.str() == "x   |a\\u000ab\\u001b[2J|  7|1.2\n");
  out.str("");
  print(out, "{} {}\n", std::string_view{"\xe2\x80\xae"}, true ? "yes\r" : "no");
  CHECK(out.str() == "\\u202e yes\\u000d\n");
}

TEST_CASE("printed JSON is JSON, in which nothing acts") {
  std::ostringstream out;
  nlohmann::ordered_json value{{"name", "\x1b]0;x\x07\xc2\x9b\xe2\x80\xae"}, {"bytes", "\xff"}};
  print_json(out, value);
  CHECK_THAT(out.str(), Catch::Contains(R"("\u001b]0;x\u0007\u009b\u202e")"));
  CHECK(nlohmann::ordered_json::parse(out.str())["name"] == value["name"]);
  out.str("");
  print_json(out, value, -1);
  CHECK(out.str().find('\n') == out.str().size() - 1);
}
