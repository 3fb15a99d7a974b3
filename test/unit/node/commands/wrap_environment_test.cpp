#include "node/commands/wrap_environment.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

wrap_options good_wrap() {
  wrap_options options;
  options.gateway = "127.1.1.1:1080";
  return options;
}

std::string refusal_of(const wrap_options& options, const std::optional<std::string>& user = {}) {
  auto made = wrap_environment(options, user);
  if (made) return "";
  CHECK(made.error().code == errc::bad_config);
  CHECK(made.error().text.find('\n') == std::string::npos);
  return made.error().text;
}

} // namespace

TEST_CASE("what wrap can't hand on is refused, and the option named", "[wrap]") {
  auto options = good_wrap();
  CHECK(refusal_of(options).empty());
  for (auto gateway : {"", "127.1.1.1", "gateway:1080", "127.1.1.1:0", "::1:1080", "127.1.1.1:99999"}) {
    options.gateway = gateway;
    CHECK_THAT(refusal_of(options), Catch::Contains("; give --gateway (or HUBLINK_GATEWAY)"));
  }
  for (auto pattern : {"", "10.2.0.7/16", "db.plant.example", "10.2.0.0/16:", "10.2.0.0/16:80,443", "10.2",
                       "[::1", "::1:", "*"}) {
    CAPTURE(pattern);
    options = good_wrap();
    options.only = {"10.0.0.0/8", pattern};
    CHECK_THAT(refusal_of(options),
               Catch::StartsWith("--only '" + std::string{pattern} + "' is no destination"));
    options = good_wrap();
    options.direct = {pattern};
    CHECK_THAT(refusal_of(options), Catch::StartsWith("--direct '"));
  }
  for (auto pattern : {"", "a b", "a*", "*.a.*", "**", "a/b", "10.2.0.7", "::1", "tab\there"}) {
    CAPTURE(pattern);
    options = good_wrap();
    options.names = {"*.plant.example", pattern};
    CHECK_THAT(refusal_of(options), Catch::StartsWith("--names '" + std::string{pattern} + "' "));
  }
  options = good_wrap();
  options.names = {std::string(256, 'a')};
  CHECK_THAT(refusal_of(options), Catch::StartsWith("--names 'aaa"));
}

TEST_CASE("a user file is one line of user and password", "[wrap]") {
  auto options = good_wrap();
  options.user_file = "/run/user.txt";
  for (auto text : {"anna:x", "anna:x\n", "anna:x\r\n", "anna:with a blank:and colons\n"}) {
    CAPTURE(text);
    CHECK(refusal_of(options, text).empty());
  }
  for (auto text : {"", "\n", "anna", "anna:", ":x", "anna:x\nbert:y\n", "anna:x\r\r\n", "anna:x\n\n"}) {
    CAPTURE(text);
    CHECK_THAT(refusal_of(options, text), Catch::StartsWith("/run/user.txt (--user-file) must be one line"));
  }
  CHECK_FALSE(refusal_of(options, std::string("anna:x\0y", 8)).empty());
  CHECK_FALSE(refusal_of(options, "anna:" + std::string(256, 'p')).empty());
}

TEST_CASE("more destinations or names than the kernel takes of a variable are refused, not cut", "[wrap]") {
  auto options = good_wrap();
  for (int i = 0; i < 10'000; ++i) options.only.push_back("10.0.0.0/8:" + std::to_string(1 + i));
  CHECK_THAT(refusal_of(options), Catch::StartsWith("--only and --direct: these are too many"));
  options = good_wrap();
  for (int i = 0; i < 10'000; ++i) options.names.push_back("host" + std::to_string(i) + ".plant.example");
  CHECK_THAT(refusal_of(options), Catch::StartsWith("--names: these are too many"));
}
