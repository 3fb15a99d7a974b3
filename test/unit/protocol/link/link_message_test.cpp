#include "protocol/link/link_message.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <random>
#include <set>
#include <variant>

using namespace hublink;
using nlohmann::json;

namespace {

bytes cbor(const json& object) {
  bytes made;
  for (auto octet : json::to_cbor(object)) made.push_back(std::byte(octet));
  return made;
}

template <class T>
T passed(const link_message& message) {
  auto sent = encode(message);
  REQUIRE(sent);
  auto got = decode(*sent);
  REQUIRE(got);
  REQUIRE(std::holds_alternative<T>(*got));
  return std::get<T>(*got);
}

std::string refusal(byte_view data) {
  auto got = decode(data);
  REQUIRE_FALSE(got);
  CHECK(got.error().code == errc::bad_message);
  return got.error().text;
}

open an_open() {
  open body;
  body.open_id = "0123456789abcdef";
  body.transfer = "0123456789abcdef0123456789abcdef";
  return body;
}

/// Random but valid messages.
class maker {
 public:
  explicit maker(unsigned seed) : random_(seed) {}

  link_message any() {
    switch (pick(11)) {
    case 0:
      return hello{1, std::uint16_t(1 + pick(9)), name(), role(pick(3)), random_()};
    case 1:
      return open_request{random_(), any_open()};
    case 2:
      return answer{random_(), any_opened()};
    case 3:
      return answer{random_(), failure{errc(pick(24)), pick(2) ? name() : "", name()}};
    case 4:
      return abandon{{hex(16), pick(2) ? name() : "", names()}, {errc::cancelled, "", name()}};
    case 5:
      return beat{pick(2) == 0};
    case 6:
      return command{random_(), std::string(pick(max_command_part + 1), '{'), pick(2) == 0};
    case 7:
      return report{random_(), std::string(pick(2000), '}'), pick(2) == 0, pick(2) == 0,
                    pick(2) ? std::optional<failure>{} : failure{errc(pick(24)), name(), name()}};
    case 8:
      return shown_certificate{bytes(pick(max_shown_certificate + 1), std::byte{1}),
                               bytes(pick(80), std::byte{2})};
    case 9:
      return returned{hex(32)};
    default:
      return pick(2) ? link_message(pick(2) ? drain{} : drain{failure{errc::busy, "A", "two"}})
                     : unknown_message{"later", random_()};
    }
  }

 private:
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }
  std::string name() {
    static const std::vector<std::string> parts{"HOST1", "ü", "報告", "𝄞", " ", "a/b.c"};
    std::string made;
    for (auto n = 1 + pick(12); n > 0; --n) made += parts[pick(6)];
    return made;
  }
  std::string hex(int digits) {
    std::string made;
    for (; digits > 0; --digits) made += "0123456789abcdef"[pick(16)];
    return made;
  }
  std::vector<std::string> names() {
    std::vector<std::string> made(pick(20));
    for (auto& one : made) one = name();
    return made;
  }
  token key() {
    token made;
    for (auto& octet : made) octet = std::byte(pick(256));
    return made;
  }
  open any_open() {
    open body = an_open();
    body.open_id = hex(16);
    body.kind = circuit_kinds.at(pick(circuit_kinds.size())).kind;
    body.attempt = 1 + pick(1000);
    if (pick(2)) body.file = name();
    if (pick(2)) body.source = name();
    if (pick(2)) body.dial_back = key();
    if (pick(2)) body.share = random_();
    body.reads = pick(2);
    body.destination = names();
    body.only = names();
    body.hops_left = std::uint8_t(pick(max_hops + 1));
    return body;
  }
  opened any_opened() {
    opened done{key(), names(), {}};
    for (auto n = pick(64); n > 0; --n) done.path.push_back({name(), std::uint32_t(random_())});
    return done;
  }

  std::mt19937_64 random_;
};

} // namespace

TEST_CASE("every message says the same after a round trip") {
  maker make(7);
  std::set<std::size_t> made;
  for (int i = 0; i < 2000; ++i) {
    auto message = make.any();
    made.insert(message.index());
    auto first = encode(message);
    REQUIRE(first);
    auto got = decode(*first);
    REQUIRE(got);
    CHECK(got->index() == message.index());
    CHECK(*encode(*got) == *first);
  }
  CHECK(made.size() == std::variant_size_v<link_message>);
}

TEST_CASE("an open keeps every field") {
  open body = an_open();
  body.kind = circuit_kind::request;
  body.attempt = 3;
  body.file = "FILE01";
  body.destination = {"HOST2", "HOST3"};
  body.source = "HOST1";
  body.only = {"HOST3"};
  body.budget_ms = 1234;
  body.hops_left = 5;
  body.round = 3;
  body.dial_back.emplace().fill(std::byte{7});
  body.share = UINT64_MAX;
  auto got = passed<open_request>(open_request{9, body});
  CHECK(got.number == 9);
  CHECK(got.body.key() == body.key());
  CHECK(got.body.kind == body.kind);
  CHECK(got.body.transfer == body.transfer);
  CHECK(got.body.attempt == 3);
  CHECK(got.body.source == body.source);
  CHECK(got.body.only == body.only);
  CHECK(got.body.budget_ms == 1234);
  CHECK(got.body.hops_left == 5);
  CHECK(got.body.round == 3);
  CHECK(got.body.dial_back == body.dial_back);
  CHECK(got.body.share == body.share);
}

TEST_CASE("an absent file differs from none of the named ones") {
  CHECK_FALSE(passed<open_request>(open_request{1, an_open()}).body.file);
}

TEST_CASE("answers, abandon and hello keep every field") {
  opened done;
  done.data_token.fill(std::byte{3});
  done.receivers = {"HOST2"};
  done.path = {{"ServerA", 11}, {"ServerB", 22}};
  auto body = std::get<opened>(passed<answer>(answer{4, done}).body);
  CHECK(body.data_token == done.data_token);
  CHECK(body.receivers == done.receivers);
  REQUIRE(body.path.size() == 2);
  CHECK(body.path[1].node == "ServerB");
  CHECK(body.path[1].micros == 22);

  failure why{errc::no_route, "ServerB", "no route to HOST9"};
  why.at_end = GENERATE(false, true);
  CHECK(std::get<failure>(passed<answer>(answer{5, why}).body) == why);

  auto order = passed<abandon>(abandon{{"0123456789abcdef", "F", {"HOST2"}}, why});
  CHECK(order.key == open_key{"0123456789abcdef", "F", {"HOST2"}});
  CHECK(order.why == why);

  auto said = passed<hello>(hello{1, 2, "ServerA", role::server, 0xFFFFFFFFFFFFFFFF});
  CHECK(said.newest == 2);
  CHECK(said.name == "ServerA");
  CHECK(said.role == role::server);
  CHECK(said.incarnation == 0xFFFFFFFFFFFFFFFF);
  CHECK(passed<beat>(beat{true}).answer);
  auto line = passed<command>(command{7, "{\"verb\":\"send\"}", true});
  CHECK(line.number == 7);
  CHECK(line.body == "{\"verb\":\"send\"}");
  CHECK(line.more);
  auto told = passed<report>(report{8, "x", false, true, failure{errc::not_authenticated, "ServerB", "no"}});
  CHECK(told.last);
  CHECK(told.why == failure{errc::not_authenticated, "ServerB", "no"});
  CHECK_FALSE(passed<report>(report{9, "", true, false, {}}).why);
  CHECK_FALSE(encode(command{1, std::string(max_command_part + 1, 'x'), false}));
}

TEST_CASE("unknown types and kinds are told apart from malformed ones") {
  auto other = decode(cbor({{"t", "teleport"}, {"n", 8}, {"speed", {1, {2, 3}}}}));
  REQUIRE(other);
  CHECK(std::get<unknown_message>(*other).type == "teleport");
  CHECK(std::get<unknown_message>(*other).number == 8u);

  auto kind = decode(cbor({{"t", "open"}, {"n", 8}, {"kind", "hologram"}}));
  REQUIRE(kind);
  CHECK(std::get<unknown_message>(*kind).type == "open");
  CHECK(std::get<unknown_message>(*kind).kind == "hologram");
  CHECK(std::get<unknown_message>(*kind).number == 8u);

  for (const auto& each :
       {json{{"t", "open:hologram"}}, json{{"t", "open"}, {"n", 8}, {"kind", "hologram"}}}) {
    auto sent = encode(*decode(cbor(each)));
    REQUIRE(sent);
    CHECK(*sent == cbor(each));
  }
}

TEST_CASE("unknown fields and unknown error codes do not hurt") {
  CHECK(decode(cbor({{"t", "drain"}, {"later", {{"a", 1}}}})));
  auto got = decode(cbor({{"t", "failed"}, {"n", 1}, {"code", "from-the-future"}, {"text", "x"}}));
  REQUIRE(got);
  CHECK(std::get<failure>(std::get<answer>(*got).body).code == errc::failed);
}

TEST_CASE("a failure's text is made fit for the wire") {
  auto got =
      passed<answer>(answer{1, failure{errc::file_missing, "", "no file \xff\n" + std::string(2000, 'x')}});
  auto text = std::get<failure>(got.body).text;
  CHECK(text.starts_with("no file ??x"));
  CHECK(text.size() == 1024);
}

TEST_CASE("what is malformed is refused with the field's name") {
  json good{{"t", "open"},
            {"n", 1},
            {"id", "0123456789abcdef"},
            {"kind", "transfer"},
            {"attempt", 1},
            {"budget_ms", 1},
            {"hops_left", 1},
            {"transfer", "0123456789abcdef0123456789abcdef"}};
  REQUIRE(decode(cbor(good)));
  auto binary = [](std::size_t size) { return json::binary(std::vector<std::uint8_t>(size)); };
  std::vector<std::pair<const char*, json>> table{
      {"n", "1"},
      {"n", -1},
      {"n", 1.5},
      {"n", nullptr},
      {"id", "0123456789ABCDEF"},
      {"id", "0123"},
      {"kind", 1},
      {"kind", ""},
      {"kind", std::string(33, 'k')},
      {"transfer", "HOST1"},
      {"attempt", 0},
      {"attempt", 0x100000000},
      {"budget_ms", 0x100000000},
      {"hops_left", 65},
      {"more_hops", 33},
      {"file", ""},
      {"file", std::string(256, 'f')},
      {"file", "a\nb"},
      {"file", "\xC2\x80"},
      {"file", "\xC0\xAF"},
      {"file", "\xED\xA0\x80"},
      {"file", "\xF4\x90\x80\x80"},
      {"file", "\xE2\x82"},
      {"file", 7},
      {"source", json::array()},
      {"to", "HOST2"},
      {"to", {1}},
      {"to", {""}},
      {"to", std::vector<std::string>(4097, "H")},
      {"only", json::object()},
      {"share", -1},
      {"share", "mine"},
      {"dial_back", binary(31)},
      {"dial_back", binary(33)},
      {"dial_back", std::string(32, 'x')},
  };
  for (auto& [field, value] : table) {
    auto bad = good;
    bad[field] = value;
    INFO(field << " = " << json::to_cbor(value).size());
    CHECK(refusal(cbor(bad)).find(std::string("\"") + field + "\"") != std::string::npos);
  }
  for (auto field : {"n", "id", "kind", "transfer", "attempt", "budget_ms", "hops_left"}) {
    auto bad = good;
    bad.erase(field);
    CHECK(refusal(cbor(bad)).find(std::string("\"") + field + "\"") != std::string::npos);
  }
}

TEST_CASE("other malformed messages") {
  json opened_answer{{"t", "opened"}, {"n", 1}, {"token", json::binary(std::vector<std::uint8_t>(32))}};
  REQUIRE(decode(cbor(opened_answer)));
  auto with_path = [&](json path) {
    auto bad = opened_answer;
    bad["path"] = std::move(path);
    return cbor(bad);
  };
  CHECK(decode(with_path({{"A", 1}, {"B", 2, "more"}})));
  refusal(with_path({{"A"}}));
  refusal(with_path({{1, "A"}}));
  refusal(with_path(json(65, {"A", 1})));
  refusal(cbor(
      {{"t", "hello"}, {"oldest", 2}, {"newest", 1}, {"name", "A"}, {"role", "server"}, {"incarnation", 1}}));
  refusal(cbor(
      {{"t", "hello"}, {"oldest", 1}, {"newest", 1}, {"name", "A"}, {"role", "king"}, {"incarnation", 1}}));
  refusal(cbor({{"t", "beat"}, {"answer", 1}}));
  refusal(cbor({{"t", ""}}));
  refusal(cbor({{"t", 5}}));
  refusal(cbor(json::object()));
  refusal(cbor(json::array({"t", "drain"})));
  refusal({});
}

TEST_CASE("CBOR that could hurt the parser is refused") {
  auto raw = [](std::initializer_list<int> octets) {
    bytes made;
    for (auto octet : octets) made.push_back(std::byte(octet));
    return made;
  };
  refusal(bytes(60'000, std::byte{0x81})); // nested arrays
  refusal(bytes(60'000, std::byte{0x7F})); // nested strings of indefinite length
  refusal(bytes(60'000, std::byte{0xC1})); // nested tags
  refusal(raw({0xBF, 0xFF}));              // a map of indefinite length
  refusal(raw({0xBB, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}));
  refusal(raw({0xBB, 0x80, 0, 0, 0, 0, 0, 0, 0, 1}));
  refusal(raw({0x9A, 0xFF, 0xFF, 0xFF, 0xFF}));
  refusal(raw({0xA1, 0x01, 0x01})); // a key that is no text
  auto good = *encode(drain{});
  good.push_back(std::byte{0});
  refusal(good); // something behind it
  good.resize(good.size() - 2);
  refusal(good); // cut short
}

TEST_CASE("no message exceeds the frame's bound") {
  open body = an_open();
  body.destination.assign(300, std::string(250, 'd'));
  auto sent = encode(open_request{1, body});
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == errc::bad_message);
  refusal(bytes(max_frame + 1, std::byte{0}));
}

TEST_CASE("a message that no peer would take is not sent") {
  CHECK_FALSE(encode(hello{1, 1, "", role::server, 0}));
  CHECK_FALSE(encode(unknown_message{"open", 1}));
}

TEST_CASE("a client of the first version is asked for everything but files, which it could not open") {
  for (const auto& row : circuit_kinds)
    for (auto peer : {role::manager, role::server, role::client})
      for (std::uint16_t version : {1, 2, 3}) {
        auto fine = check_version(row.kind, "HOST2", peer, version);
        bool refused = row.kind == circuit_kind::transfer && peer == role::client && version == 1;
        CHECK(bool(fine) != refused);
        if (fine) continue;
        CHECK(fine.error().code == errc::bad_message);
        CHECK(fine.error().text ==
              "HOST2 speaks link version 1, and files are sealed as of version 2: upgrade HOST2");
      }
}

TEST_CASE("versions are negotiated to the newest common one") {
  hello mine{2, 5, "A", role::server, 0};
  CHECK(*negotiate(mine, {1, 3, "B", role::server, 0}) == 3);
  CHECK(*negotiate(mine, {5, 9, "B", role::server, 0}) == 5);
  auto none = negotiate(mine, {6, 9, "B", role::server, 0});
  REQUIRE_FALSE(none);
  CHECK(none.error().text == "B speaks link versions 6 to 9, this node 2 to 5: upgrade the older of the two");
}
