#include "node/web/http_parser.hpp"

#include "support/catch.hpp"

using namespace hublink;

namespace {

using parse_step = http_parser::step;

/// What becomes of it, whole or byte by byte: the same.
parse_step parse_all(http_parser& parser, const std::string& text, std::size_t part,
                     std::size_t most_body = 100) {
  auto now = parse_step::more;
  for (std::size_t at = 0; at < text.size() && now == parse_step::more; at += part) {
    parser.add(std::string_view{text}.substr(at, part));
    now = parser.read();
    if (now == parse_step::head) {
      parser.limit_body(most_body);
      now = parser.read();
    }
  }
  return now;
}

struct bad_request {
  const char* what;
  std::string text;
  unsigned status;
};

} // namespace

TEST_CASE("a request is the same in however many parts it comes") {
  const std::string text =
      "POST /a?b=c HTTP/1.1\r\nHost: hub\r\nX-Twice: 1\r\nX-Twice: 2\r\nContent-Length: 4\r\n\r\nbody";
  for (std::size_t part : {1u, 2u, 7u, 1000u}) {
    http_parser parser;
    REQUIRE(parse_all(parser, text, part) == parse_step::whole);
    auto& request = parser.request();
    CHECK(request.method == "POST");
    CHECK(request.target == "/a?b=c");
    CHECK(request.body == "body");
    CHECK(request.field("host") == "hub");
    CHECK_FALSE(request.field("origin"));
    CHECK(request.keeps_alive);
  }
}

TEST_CASE("requests follow each other in one connection") {
  http_parser parser;
  parser.add("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.0\r\nHost: h\r\n\r\n");
  REQUIRE(parser.read() == parse_step::head);
  REQUIRE(parser.read() == parse_step::whole);
  CHECK(parser.request().target == "/1");
  parser.next();
  REQUIRE(parser.read() == parse_step::head);
  REQUIRE(parser.read() == parse_step::whole);
  CHECK(parser.request().target == "/2");
  CHECK_FALSE(parser.request().keeps_alive);
  parser.next();
  CHECK(parser.is_idle());
}

TEST_CASE("a body in chunks is put together") {
  http_parser parser;
  const std::string text =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  REQUIRE(parse_all(parser, text, 5) == parse_step::whole);
  CHECK(parser.request().body == "abcde");
}

TEST_CASE("what two readers could understand differently is refused") {
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
  const std::vector<bad_request> all{
      {"length and chunks", post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunks and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400},
      {"two lengths", post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody", 400},
      {"the same length twice", post + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody", 400},
      {"a signed length", post + "Content-Length: +4\r\n\r\nbody", 400},
      {"a long length", post + "Content-Length: 99999999999999999999999\r\n\r\nbody", 400},
      {"another coding", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
      {"two codings", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"chunks in 1.0", "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"a second line", post + "X-A: b\r\n Content-Length: 4\r\n\r\nbody", 400},
      {"space before the colon", post + "Content-Length : 4\r\n\r\nbody", 400},
      {"line feeds alone", "POST / HTTP/1.1\nHost: h\n\n\r\n\r\n", 505},
      {"two hosts", post + "Host: other\r\n\r\n", 400},
      {"two origins", post + "Origin: https://h\r\nOrigin: https://o\r\n\r\n", 400},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"TLS in clear",
       std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(200, 'x') + "\r\n\r\n",
       400},
      {"a chunk's size", post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400},
      {"a negative chunk", post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400},
      {"a NUL", post + std::string("X: a\0b\r\n\r\n", 10), 400},
  };
  for (const auto& each : all)
    for (std::size_t part : {1u, 1000u}) {
      CAPTURE(each.what, part);
      http_parser parser;
      REQUIRE(parse_all(parser, each.text, part) == parse_step::wrong);
      CHECK(parser.refusal().status == each.status);
      parser.add("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      CHECK(parser.read() == parse_step::wrong);
    }
}

TEST_CASE("what is too long is refused before it is there") {
  http_parser head;
  CHECK(parse_all(head, "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(1 << 20, 'x'), 4096) ==
        parse_step::wrong);
  CHECK(head.refusal().status == 431);
  http_parser body;
  CHECK(parse_all(body, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n", 4096) ==
        parse_step::wrong);
  CHECK(body.refusal().status == 413);
  http_parser chunks;
  std::string text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 100; ++i) text += "10\r\n0123456789abcdef\r\n";
  CHECK(parse_all(chunks, text, 64) == parse_step::wrong);
  CHECK(chunks.refusal().status == 413);
}
