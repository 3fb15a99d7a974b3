#include "actors/definition/definition.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

std::string read_back(const char* text) {
  auto rule = proxy_rule::parse(text);
  return rule ? to_string(*rule) : "-";
}

} // namespace

TEST_CASE("a rule is a network or an address, and a port or a range of them") {
  CHECK(read_back("10.2.0.0/16:5432") == "10.2.0.0/16:5432");
  CHECK(read_back("127.1.2.50:8000-8100") == "127.1.2.50/32:8000-8100");
  CHECK(read_back("10.2.0.7:80-80") == "10.2.0.7/32:80");
  CHECK(read_back("[::1]:80") == "::1/128:80");
  CHECK(read_back("[2001:db8::/32]:1-65535") == "2001:db8::/32:1-65535");
  CHECK(read_back("::/0:443") == "::/0:443"); // where the address ends is clear by its prefix
  CHECK(read_back("0.0.0.0/0:1-65535") == "0.0.0.0/0:1-65535");
  CHECK(read_back("[::ffff:10.0.0.1]:80") == "10.0.0.1/32:80");
}

TEST_CASE("what is none is no rule: not a narrower one, and not a wider one") {
  for (auto text : {"",
                    ":80",
                    "10.2.0.0/16",
                    "10.2.0.0/16:",
                    "10.2.0.0/16:0",
                    "10.2.0.0/16:65536",
                    "10.2.0.0/16:80-",
                    "10.2.0.0/16:-80",
                    "10.2.0.0/16:90-80",
                    "10.2.0.0/16:80,443",
                    "10.2.0.0/16:80 ",
                    " 10.2.0.0/16:80",
                    "10.2.0.0/16:0x50",
                    "10.2.0.0/16:+80",
                    "10.2.0.7/16:80",
                    "10.2.0.0/33:80",
                    "10.2.0.0/-1:80",
                    "10.2.0:80",
                    "10.2:80",
                    "*:80",
                    "any:80",
                    "db.plant.example:5432",
                    "10.2.0.1-10.2.0.9:80",
                    "::1:80",             // ::1 at port 80, or ::1:80 at none?
                    "2001:db8:1::1:5432", // the same
                    "[::1:80",
                    "::1]:80",
                    "[]:80",
                    "[::1]80",
                    "2001:db8::/129:80"}) {
    CAPTURE(text);
    CHECK(read_back(text) == "-");
  }
}
