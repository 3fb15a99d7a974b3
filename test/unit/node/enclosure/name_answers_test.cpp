#include "node/enclosure/name_answers.hpp"
#include "node/enclosure/name_servers.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

bytes name_query(std::string name, std::uint16_t type = 1) {
  bytes made = *from_hex("123401000001000000000000");
  while (!name.empty()) {
    auto label = name.substr(0, name.find('.'));
    made.push_back(std::byte(label.size()));
    for (char letter : label) made.push_back(std::byte(letter));
    name.erase(0, label.size() + 1);
  }
  made.insert(made.end(), {std::byte{0}, std::byte(type >> 8), std::byte(type), std::byte{0}, std::byte{1}});
  return made;
}

/// Its code, and what stands behind the question.
std::pair<int, std::string> answer_to(name_answers& names, const bytes& asked) {
  auto said = names.answer(asked);
  if (!said) return {-1, ""};
  REQUIRE(said->size() >= asked.size());
  CHECK((*said)[0] == asked[0]);
  return {std::to_integer<int>((*said)[3]) & 15, to_hex(std::span(*said).subspan(asked.size()))};
}

} // namespace

TEST_CASE("a name that fits has an address that stands in for it, and the same one each time",
          "[enclosure]") {
  name_answers names{{"db.plant.example", "*.far.example", "*.UPPER.example"}};
  const std::string record = "c00c00010001"
                             "0000003c"
                             "0004";
  CHECK(answer_to(names, name_query("db.plant.example")) == std::pair{0, record + "c6120001"});
  CHECK(answer_to(names, name_query("a.far.example")) == std::pair{0, record + "c6120002"});
  CHECK(answer_to(names, name_query("DB.plant.EXAMPLE")) == std::pair{0, record + "c6120001"});
  CHECK(answer_to(names, name_query("x.upper.example")) == std::pair{0, record + "c6120003"});
  CHECK(answer_to(names, name_query("db.plant.example", 28)) == std::pair{0, std::string{}});
  CHECK(answer_to(names, name_query("plant.example")) == std::pair{5, std::string{}});
  CHECK(answer_to(names, name_query("far.example")) == std::pair{5, std::string{}});
  CHECK(*names.behind(*ip_address::parse("198.18.0.2")) == "a.far.example");
  CHECK_FALSE(names.behind(*ip_address::parse("198.18.0.4")));
  CHECK_FALSE(names.behind(*ip_address::parse("198.18.0.0")));
  CHECK_FALSE(names.behind(*ip_address::parse("::1")));
  CHECK(answer_to(names, name_query("2.0.18.198.in-addr.arpa", 12)) ==
        std::pair{0, std::string{"c00c000c00010000003c000f"} + "01610366617207"
                                                               "6578616d706c6500"});
  CHECK(answer_to(names, name_query("9.9.18.198.in-addr.arpa", 12)) == std::pair{3, std::string{}});
}

TEST_CASE("patterns of names: all, those with a dot, none given", "[enclosure]") {
  name_answers dotted{{"*"}}, all{{}};
  CHECK(answer_to(dotted, name_query("a.b")).first == 0);
  CHECK(answer_to(dotted, name_query("single")).first == 5);
  CHECK(answer_to(all, name_query("single")).first == 0);
  CHECK(answer_to(all, name_query("", 2)).first == 5);
}

TEST_CASE("what is no question of one name is not answered", "[enclosure]") {
  name_answers names{{}};
  const auto good = name_query("db.example");
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(names.answer(std::span(good).first(size)));
  auto changed = [&](std::size_t at, int octet) {
    auto made = good;
    made[at] = std::byte(octet);
    return names.answer(made).has_value();
  };
  CHECK(changed(0, 0xff));                  // the id
  CHECK_FALSE(changed(2, 0x81));            // an answer
  CHECK_FALSE(changed(5, 2));               // two questions
  CHECK_FALSE(changed(12, 0xc0));           // a pointer
  CHECK_FALSE(changed(12, 63));             // beyond the end
  CHECK_FALSE(changed(13, 0x0a));           // a control
  CHECK_FALSE(changed(good.size() - 1, 3)); // not of the Internet
  CHECK_FALSE(names.answer(name_query(std::string(63, 'a') + "." + std::string(63, 'b') + "." +
                                      std::string(63, 'c') + "." + std::string(63, 'd'))));
}

TEST_CASE("name servers of a resolv.conf", "[enclosure]") {
  auto found = name_servers_of(
      "# x\nsearch a.example\nnameserver 10.0.0.1\n nameserver  fe80::1%eth0\nnameserver no\n");
  CHECK(found == std::vector{*ip_address::parse("10.0.0.1"), *ip_address::parse("fe80::1")});
  CHECK(name_servers_of("") == std::vector{*ip_address::parse("127.0.0.1"), *ip_address::parse("::1")});
}
