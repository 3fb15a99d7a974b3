/// What `hublink wrap` writes into the environment, the preloaded library reads as it was meant; and what it
/// can't read is no setting.
#include "node/commands/wrap_environment.hpp"
#include "node/wrap/settings_text.hpp"
#include "support/catch.hpp"

#include "node/wrap/settings_text.cpp" // of the library, which is linked into programs alone

#include <cstdlib>
#include <map>

using namespace hublink;

namespace {

using environment_text = std::map<std::string, std::optional<std::string>>;

environment_text good_environment() {
  return {{"HUBLINK_WRAP_GATEWAY", "127.1.1.1:1080"},
          {"HUBLINK_WRAP_RULES", "4 7f010200 24 1 65535;-6 00000000000000000000000000000001 128 80 90;"},
          {"HUBLINK_WRAP_USER_FILE", "anna:geheim"},
          {"HUBLINK_WRAP_NAMES", "*.plant.example db"},
          {"HUBLINK_WRAP_REPLY_S", "5"}};
}

/// In a program they live as long as that.
struct freed_settings : wrap::settings {
  freed_settings() : wrap::settings{} {}
  ~freed_settings() {
    std::free(rules);
    std::free(user);
    std::free(names);
  }
  freed_settings(const freed_settings&) = delete;
};

/// The variable that is wrong; empty: none.
std::string read_library(environment_text text, wrap::settings& into) {
  auto of = [&](const char* name) { return text[name] ? text[name]->c_str() : nullptr; };
  auto* wrong =
      wrap::read_settings({of("HUBLINK_WRAP_GATEWAY"), of("HUBLINK_WRAP_RULES"), of("HUBLINK_WRAP_USER_FILE"),
                           of("HUBLINK_WRAP_NAMES"), of("HUBLINK_WRAP_REPLY_S")},
                          into);
  return wrong ? wrong : "";
}

std::string what_is_wrong(const char* name, std::optional<std::string> value) {
  auto text = good_environment();
  text[name] = std::move(value);
  freed_settings into;
  return read_library(std::move(text), into);
}

} // namespace

TEST_CASE("the library reads what it is told", "[wrap]") {
  freed_settings into;
  REQUIRE(read_library(good_environment(), into).empty());
  CHECK(into.gateway.port == 1080);
  CHECK_FALSE(into.gateway.v6);
  REQUIRE(into.rule_count == 2);
  CHECK_FALSE(into.rules[0].direct);
  CHECK(into.rules[0].prefix == 24);
  CHECK(into.rules[0].base[0] == 127);
  CHECK(into.rules[0].last == 65535);
  CHECK(into.rules[1].direct);
  CHECK(into.rules[1].v6);
  CHECK(into.rules[1].base[15] == 1);
  CHECK(into.rules[1].first == 80);
  CHECK(std::string{into.user} == "anna:geheim");
  CHECK(std::string{into.names} == "*.plant.example db");
  CHECK(into.reply_timeout_s == 5);
  CHECK(what_is_wrong("HUBLINK_WRAP_USER_FILE", std::nullopt).empty());
  CHECK(what_is_wrong("HUBLINK_WRAP_NAMES", std::nullopt).empty());
  CHECK(what_is_wrong("HUBLINK_WRAP_GATEWAY", "[::1]:1080").empty());
  CHECK(what_is_wrong("HUBLINK_WRAP_REPLY_S", "0").empty());
  for (auto text : {"3600", "5 host", "5 any extend", "5 extend"})
    CHECK(what_is_wrong("HUBLINK_WRAP_REPLY_S", text).empty());
}

TEST_CASE("the library takes nothing for a setting that it can't read", "[wrap]") {
  struct row {
    const char* name;
    std::optional<std::string> value;
  };
  const std::string long_word(256, 'x');
  auto each = GENERATE_COPY(
      row{"HUBLINK_WRAP_GATEWAY", std::nullopt}, row{"HUBLINK_WRAP_GATEWAY", ""},
      row{"HUBLINK_WRAP_GATEWAY", "127.1.1.1"}, row{"HUBLINK_WRAP_GATEWAY", "127.1.1.1:"},
      row{"HUBLINK_WRAP_GATEWAY", "127.1.1.1:0"}, row{"HUBLINK_WRAP_GATEWAY", "127.1.1.1:65536"},
      row{"HUBLINK_WRAP_GATEWAY", "127.1.1.1:1080x"}, row{"HUBLINK_WRAP_GATEWAY", ":1080"},
      row{"HUBLINK_WRAP_GATEWAY", "::1:1080"}, row{"HUBLINK_WRAP_GATEWAY", "[::1:1080"},
      row{"HUBLINK_WRAP_GATEWAY", "[]:1080"}, row{"HUBLINK_WRAP_GATEWAY", "[:1080"},
      row{"HUBLINK_WRAP_GATEWAY", long_word + ":1080"}, row{"HUBLINK_WRAP_RULES", std::nullopt},
      row{"HUBLINK_WRAP_RULES", ""}, row{"HUBLINK_WRAP_RULES", "4 7f010200 24 1 65535"},
      row{"HUBLINK_WRAP_RULES", "4 7f010200 24 1 65535;;"},
      row{"HUBLINK_WRAP_RULES", "4 7f010200 24 1 65535;4 7f0102"},
      row{"HUBLINK_WRAP_RULES", "4 7f0102 24 1 65535;"}, row{"HUBLINK_WRAP_RULES", "4 7F010200 24 1 65535;"},
      row{"HUBLINK_WRAP_RULES", "5 7f010200 24 1 65535;"},
      row{"HUBLINK_WRAP_RULES", "4 7f010200 33 1 65535;"}, row{"HUBLINK_WRAP_RULES", "4 7f010200 24 0 80;"},
      row{"HUBLINK_WRAP_RULES", "4 7f010200 24 90 80;"}, row{"HUBLINK_WRAP_RULES", "4 7f010200 24 1 65536;"},
      row{"HUBLINK_WRAP_RULES", "4 7f010200 24 1 4294967297;"},
      row{"HUBLINK_WRAP_RULES", "6 7f010200 24 1 65535;"},
      row{"HUBLINK_WRAP_RULES", "--4 7f010200 24 1 65535;"}, row{"HUBLINK_WRAP_USER_FILE", ""},
      row{"HUBLINK_WRAP_USER_FILE", "anna"}, row{"HUBLINK_WRAP_USER_FILE", ":x"},
      row{"HUBLINK_WRAP_USER_FILE", "anna:"}, row{"HUBLINK_WRAP_USER_FILE", long_word + ":x"},
      row{"HUBLINK_WRAP_USER_FILE", "anna:" + long_word}, row{"HUBLINK_WRAP_NAMES", ""},
      row{"HUBLINK_WRAP_NAMES", " db"}, row{"HUBLINK_WRAP_NAMES", "db "}, row{"HUBLINK_WRAP_NAMES", "db  x"},
      row{"HUBLINK_WRAP_NAMES", "db " + long_word}, row{"HUBLINK_WRAP_REPLY_S", std::nullopt},
      row{"HUBLINK_WRAP_REPLY_S", ""}, row{"HUBLINK_WRAP_REPLY_S", "-1"}, row{"HUBLINK_WRAP_REPLY_S", "3601"},
      row{"HUBLINK_WRAP_REPLY_S", "5 extend host"}, row{"HUBLINK_WRAP_REPLY_S", "5 "},
      row{"HUBLINK_WRAP_REPLY_S", "5 destination"}, row{"HUBLINK_WRAP_REPLY_S", "5s"});
  CAPTURE(each.name, each.value.value_or("(not set)"));
  CHECK(what_is_wrong(each.name, each.value) == each.name);
}

TEST_CASE("all that the command writes is read, however much it is", "[wrap]") {
  wrap_options options;
  options.gateway = "[::1]:1080";
  options.user_file = "user";
  options.reply_timeout_s = 300;
  options.replies_from = "host";
  options.replies_extend = true;
  for (int i = 0; i < 2'000; ++i)
    options.only.push_back("10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24:80-90");
  options.direct = {"10.0.0.7", "2001:db8:1::1:42", "[2001:db8::7]:443", "fd00::/8", "::/0:53"};
  for (int i = 0; i < 500; ++i) options.names.push_back("host" + std::to_string(i) + ".plant.example");
  options.names.push_back("*.other.example");
  options.names.push_back("*");
  auto made = wrap_environment(options, "anna:ge:heim\n");
  REQUIRE(made);
  environment_text text{made->begin(), made->end()};
  CHECK(text.at("HUBLINK_WRAP_USER_FILE") == "user");
  text["HUBLINK_WRAP_USER_FILE"] = "anna:ge:heim"; // what the library reads there
  freed_settings into;
  REQUIRE(read_library(text, into).empty());
  REQUIRE(into.rule_count == 2'005);
  CHECK(into.rules[0].direct); // they go before
  CHECK(into.rules[1].prefix == 128);
  CHECK(into.rules[1].first == 1); // a bare address has no port: its last word is no 42
  CHECK(into.rules[2].first == 443);
  CHECK(into.rules[4].first == 53);
  CHECK_FALSE(into.rules[2'004].direct);
  CHECK(into.rules[2'004].base[2] == 1'999 % 256);
  CHECK(std::string{into.user} == "anna:ge:heim");
  CHECK(into.reply_timeout_s == 300);
  CHECK(into.replies_from == 1);
  CHECK(into.replies_extend);
  CHECK(std::string{into.names}.ends_with(" *.other.example *"));
}

TEST_CASE("without users and names the variables are taken away: they may be an outer wrap's", "[wrap]") {
  wrap_options options;
  options.gateway = "127.1.1.1:1080";
  auto made = wrap_environment(options, std::nullopt);
  REQUIRE(made);
  environment_text text{made->begin(), made->end()};
  CHECK(text.size() == 5);
  CHECK_FALSE(text.at("HUBLINK_WRAP_USER_FILE"));
  CHECK_FALSE(text.at("HUBLINK_WRAP_NAMES"));
  freed_settings into;
  CHECK(read_library(text, into).empty());
}
