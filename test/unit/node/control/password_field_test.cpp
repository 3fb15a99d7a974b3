#include "node/control/password_field.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace hublink;
using json = nlohmann::ordered_json;

namespace {

std::string taken_from(std::string line) {
  auto found = take_password(line);
  return found ? std::string{found->view()} : "(none)";
}

} // namespace

TEST_CASE("a password is taken out of its line, which stays what it was otherwise") {
  std::string line = R"({"verb": "login", "password": "correct horse", "user": "op"})";
  auto found = take_password(line);
  REQUIRE(found);
  CHECK(found->view() == "correct horse");
  CHECK(line.find("horse") == std::string::npos);
  auto rest = json::parse(line);
  CHECK(rest["user"] == "op");
  CHECK(rest["password"] == "*************");
}

TEST_CASE("whatever JSON a password is written in, it is read as JSON says") {
  for (std::string secret :
       {"", "a", "quote \" and \\ and /", "\b\f\n\r\t\x01", "grüße", "雪", "😀", "{\"password\":\"x\"}"})
    for (bool ascii : {false, true}) {
      CAPTURE(secret);
      json request{
          {"verb", "login"}, {"password", secret}, {"a", json::array({json{{"password", "inner"}}})}};
      CHECK(taken_from(request.dump(-1, ' ', ascii)) == secret);
    }
  CHECK(taken_from(R"({"password"  :  "\u0041\/"})") == "A/");
  CHECK(taken_from(R"({"password":"first","password":"second"})") == "second");
}

TEST_CASE("what is no password of the command is left alone") {
  for (std::string line :
       {R"({"verb":"send"})", R"({"a":{"password":"x"}})", R"({"a":"password","b":"x"})",
        R"(["password","x"])", R"({"password":5})", R"({"password":["x"]})", R"("password":"x")",
        R"({"password")", R"({"password":)", R"({"password":"x)", R"({"password":"x\)", "", "{", "\""}) {
    CAPTURE(line);
    auto before = line;
    CHECK(taken_from(line) == "(none)");
    take_password(line);
    CHECK(line == before);
  }
  for (std::string wrong : {R"({"password":"\x"})", R"({"password":"\u12"})", R"({"password":"\ud800"})"})
    CHECK(taken_from(wrong) == "(none)");
}
