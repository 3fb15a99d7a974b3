#include "node/web/http_parser.hpp"
#include "protocol/base/secret.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>

namespace hublink {

namespace {

namespace http = boost::beast::http;

/// Above what any body may have; `limit_body` says less before the first byte of it is read.
constexpr std::uint64_t most_ever = 64 << 20;

/// Who reads the first of two of these, and who the second, may see two requests.
constexpr std::array single_fields{
    "host",   "content-length", "transfer-encoding", "content-type",  "authorization",   "cookie",
    "origin", "expect",         "x-hublink-csrf",    "last-event-id", "idempotency-key", "if-none-match"};

std::string in_lower_case(std::string_view text) {
  std::string made{text};
  std::ranges::transform(made, made.begin(),
                         [](unsigned char c) { return char(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return made;
}

} // namespace

struct http_parser::beast {
  beast() {
    parser.header_limit(most_head);
    parser.body_limit(most_ever);
  }

  http::request_parser<http::string_body> parser;
};

http_parser::http_parser() : beast_(std::make_unique<beast>()) {}
http_parser::~http_parser() { wipe(input_); }

void http_parser::add(std::string_view data) { input_.append(data); }

http_parser::step http_parser::refuse(unsigned status, std::string why) {
  refusal_ = {status, std::move(why)};
  return step::wrong;
}

http_parser::step http_parser::read() {
  if (!refusal_.why.empty()) return step::wrong;
  auto& parser = beast_->parser;
  while (!parser.is_done()) {
    if (input_.empty()) return step::more;
    boost::system::error_code error;
    const auto used = parser.put(boost::asio::const_buffer(input_.data(), input_.size()), error);
    if (error == http::error::need_more) error = {};
    if (error == http::error::header_limit) return refuse(431, "the fields of the request are too long");
    if (error == http::error::body_limit) return refuse(413, "the body of the request is too long");
    if (error == http::error::bad_version) return refuse(505, "this server speaks HTTP/1.1");
    if (error) return refuse(400, "what came is no HTTP request: " + error.message());
    const bool is_head = !has_head_ && parser.is_header_done();
    if (is_head)
      if (auto taken = take_head({input_.data(), used}); taken == step::wrong) return taken;
    input_.erase(0, used);
    if (is_head) return step::head;
    if (used == 0) return step::more;
  }
  return take_body();
}

http_parser::step http_parser::take_head(std::string_view head) {
  has_head_ = true;
  auto& parser = beast_->parser;
  const auto& message = parser.get();
  if (head.find("\n ") != head.npos || head.find("\n\t") != head.npos)
    return refuse(400, "a field of the request goes on in a second line");
  request_.method = std::string{message.method_string()};
  request_.target = std::string{message.target()};
  for (const auto& field : message)
    request_.fields.emplace_back(in_lower_case({field.name_string().data(), field.name_string().size()}),
                                 std::string{field.value()});
  for (std::string_view name : single_fields)
    if (std::ranges::count(request_.fields, name, &http_fields::value_type::first) > 1)
      return refuse(400, "the request has the field " + std::string{name} + " twice");
  if (auto coding = request_.field("transfer-encoding")) {
    if (in_lower_case(*coding) != "chunked") return refuse(501, "a transfer coding other than chunked");
    if (message.version() < 11 || request_.field("content-length"))
      return refuse(400, "the length of the request is said in two ways");
  }
  auto expected = request_.field("expect");
  request_.expects_continue =
      expected && in_lower_case(*expected) == "100-continue" && message.version() >= 11;
  request_.keeps_alive = parser.keep_alive();
  return step::head;
}

void http_parser::limit_body(std::size_t most) {
  auto& parser = beast_->parser;
  most_body_ = most;
  if (parser.is_done()) return;
  if (auto length = parser.content_length(); length && *length > most)
    return void(refuse(413, "the body of the request is longer than " + std::to_string(most) + " bytes"));
  parser.body_limit(most);
}

http_parser::step http_parser::take_body() {
  request_.body = std::move(beast_->parser.get().body());
  return step::whole;
}

void http_parser::next() {
  wipe(request_.body);
  request_ = {};
  has_head_ = false;
  beast_ = std::make_unique<beast>();
}

} // namespace hublink
