#include "protocol/gateway/socks.hpp"

#include <algorithm>

namespace hublink {

namespace {

constexpr std::byte version{5}, password_version{1};
constexpr std::byte no_password{0}, with_password{2}, no_method{0xff};
constexpr std::byte notice_mark{1};
constexpr std::byte silently{0x80}; // of those that RFC 1928 leaves to private use
constexpr std::uint8_t kind_v4 = 1, kind_name = 3, kind_v6 = 4;
constexpr std::size_t rules_size = 16;

std::uint8_t code_of(mux_reason reason) {
  switch (reason) {
  case mux_reason::not_allowed:
  case mux_reason::unknown:
  case mux_reason::loop:
    return 2;
  case mux_reason::closing:
    return 3;
  case mux_reason::no_address:
  case mux_reason::unreachable:
    return 4;
  case mux_reason::refused:
    return 5;
  case mux_reason::timed_out:
    return 6;
  default:
    return 1;
  }
}

bytes failed_reply(std::uint8_t code) {
  return {version, std::byte(code), {}, std::byte(kind_v4), {}, {}, {}, {}, {}, {}};
}

} // namespace

bytes socks_reply(std::optional<mux_reason> refused, const endpoint& bound) {
  if (refused) return failed_reply(code_of(*refused));
  bytes reply{version, {}, {}, std::byte(bound.address.v6 ? kind_v6 : kind_v4)};
  auto octets = std::as_bytes(std::span(bound.address.octets));
  reply.insert(reply.end(), octets.begin(), octets.begin() + bound.address.width() / 8);
  reply.resize(reply.size() + 2);
  put_be(reply.data() + reply.size() - 2, bound.port);
  return reply;
}

bytes socks_beside(const endpoint& port, const endpoint& stands_for) {
  auto notice = socks_reply({}, port);
  notice[2] = notice_mark;
  auto whom = socks_reply({}, stands_for);
  notice.insert(notice.end(), whom.begin() + 3, whom.end());
  return notice;
}

bytes refusal_of_stranger(byte_view first) {
  if (first.size() < 2) return {};
  if (first[0] == std::byte{4}) return {{}, std::byte{0x5b}, {}, {}, {}, {}, {}, {}};
  if (first[0] == std::byte{0x16} && first[1] == std::byte{3}) // a fatal alert: handshake failure
    return {std::byte{0x15}, std::byte{3}, std::byte{3}, {}, std::byte{2}, std::byte{2}, std::byte{40}};
  auto is_letter = [](std::byte letter) { return letter >= std::byte{'A'} && letter <= std::byte{'Z'}; };
  if (!is_letter(first[0]) || !is_letter(first[1])) return {};
  const std::string text = "This is a SOCKS5 proxy; HTTP is not served here.\n";
  const auto answer =
      "HTTP/1.1 501 Not Implemented\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: " +
      std::to_string(text.size()) + "\r\n\r\n" + text;
  auto view = as_bytes(std::string_view(answer));
  return {view.begin(), view.end()};
}

std::byte socks_code(mux_reason why) { return std::byte{code_of(why)}; }

socks_server::step socks_server::next(stage to, std::size_t wants, bytes reply) {
  stage_ = to;
  wants_ = wants;
  if (silent_) reply.clear();
  return {.reply = std::move(reply)};
}

socks_server::step socks_server::fail(std::string why, bytes reply) {
  wants_ = 0;
  if (silent_) reply = {reply.size() > 2 ? reply[1] : socks_code(mux_reason::not_allowed)};
  return {.reply = std::move(reply), .failed = true, .why = std::move(why)};
}

socks_server::step socks_server::received(byte_view data) {
  if (data.size() != wants_ || data.empty()) return fail("bytes out of turn");
  switch (stage_) {
  case stage::greeting:
    if (data[0] != version || data[1] == std::byte{})
      return fail("this is no SOCKS5", refusal_of_stranger(data));
    return next(stage::methods, std::size_t(data[1]));
  case stage::methods:
    return take_methods(data);
  case stage::user_size:
    if (data[0] != password_version || (data[1] == std::byte{} && !silent_))
      return fail("malformed user name");
    return next(stage::user, std::size_t(data[1]) + 1); // and the password's length
  case stage::user:
    user_ = std::string(as_text(data.first(data.size() - 1)));
    if (data.back() == std::byte{} && silent_ && !wants_password_) return next(stage::head, 4);
    if (data.back() == std::byte{}) return fail("no password", {password_version, std::byte{1}});
    return next(stage::password, std::size_t(data.back()));
  case stage::password:
    return take_password(data);
  case stage::judging:
    break;
  case stage::head:
    return take_head(data);
  case stage::name_size:
    if (data[0] == std::byte{}) return fail("an empty name", failed_reply(1));
    return next(stage::address, std::size_t(data[0]) + 2);
  case stage::address:
    return take_address(data);
  case stage::padding:
    wants_ = 0;
    request_.padding = get_be<std::uint32_t>(data.data());
    return {.asked = request_};
  }
  return fail("bytes out of turn");
}

socks_server::step socks_server::take_methods(byte_view methods) {
  silent_ = std::ranges::find(methods, silently) != methods.end();
  if (silent_) return next(stage::user_size, 2);
  auto method = wants_password_ ? with_password : no_password;
  if (std::ranges::find(methods, method) == methods.end())
    return fail(wants_password_ ? "it wants a user and a password"
                                : "the application offers no way without a password",
                {version, no_method});
  if (wants_password_) return next(stage::user_size, 2, {version, method});
  return next(stage::head, 4, {version, method});
}

socks_server::step socks_server::take_password(byte_view password) {
  if (!wants_password_) return next(stage::head, 4);
  auto step = next(stage::judging, 0);
  step.shown = login{std::move(user_), secret{std::string(as_text(password))}};
  return step;
}

socks_server::step socks_server::judged(bool right) {
  if (stage_ != stage::judging) return fail("bytes out of turn");
  if (right) return next(stage::head, 4, {password_version, std::byte{}});
  return fail("wrong user or password", {password_version, std::byte{1}});
}

void socks_server::go_on() {
  request_ = {};
  has_ports_ = true;
  next(stage::head, 4);
}

socks_server::step socks_server::take_head(byte_view head) {
  auto asked = std::uint8_t(head[1]);
  if (head[0] != version) return fail("malformed request");
  request_.what = static_cast<command>(asked);
  kind_ = std::uint8_t(head[3]);
  if (request_.what == command::rules) {
    if (kind_ != kind_v6) return fail("malformed rules", failed_reply(8));
    return next(stage::address, rules_size + 2);
  }
  if (request_.what == command::datagrams && !silent_) {
    if (head[2] != std::byte{}) request_.target.reply_timeout_s = std::uint16_t(head[2]);
  } else if (has_ports_) {
    return fail("only further ports for datagrams are served behind one", failed_reply(7));
  } else if (request_.what != (silent_ ? command::deferred : command::connect)) {
    return fail("only CONNECT is served", failed_reply(7));
  }
  if (kind_ == kind_v4) return next(stage::address, 4 + 2);
  if (kind_ == kind_v6) return next(stage::address, 16 + 2);
  if (kind_ == kind_name) return next(stage::name_size, 1);
  return fail("unknown kind of address", failed_reply(8));
}

// Flags (8: 1 keep alive, 2 replies extend), replies from (8), idle (16), interval (16), probes (8), – (8),
// user time-out (32), reply time-out (16), – (16).
socks_server::step socks_server::take_rules(byte_view data) {
  auto flags = std::uint8_t(data[0]);
  if (data[1] > std::byte(reply_source::any)) return fail("malformed rules", failed_reply(1));
  auto& how = request_.keep_alive;
  how.on = (flags & 1) != 0;
  how.idle_s = get_be<std::uint16_t>(data.data() + 2);
  how.interval_s = get_be<std::uint16_t>(data.data() + 4);
  how.probes = std::uint8_t(data[6]);
  how.user_timeout_ms = get_be<std::uint32_t>(data.data() + 8);
  request_.replies = {static_cast<reply_source>(data[1]), (flags & 2) != 0};
  request_.target.reply_timeout_s = get_be<std::uint16_t>(data.data() + 12);
  request_.target.where.port = get_be<std::uint16_t>(data.data() + rules_size);
  if (request_.target.where.port == 0) return next(stage::head, 4);
  if (silent_ || has_ports_) return fail("rules of another connection");
  wants_ = 0;
  return {.asked = request_};
}

socks_server::step socks_server::take_address(byte_view data) {
  if (request_.what == command::rules) return take_rules(data);
  auto host = data.first(data.size() - 2);
  auto& target = request_.target;
  target.where.port = get_be<std::uint16_t>(data.data() + host.size());
  if (kind_ == kind_name) {
    auto name = as_text(host);
    bool plain = std::ranges::all_of(name, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
    if (!plain) return fail("malformed name", failed_reply(4));
    auto literal = ip_address::parse(name);
    target.kind = literal ? mux_target::by::address : mux_target::by::host;
    if (literal)
      target.where.address = *literal;
    else
      target.name = std::string(name);
  } else {
    target.kind = mux_target::by::address;
    target.where.address.v6 = kind_ == kind_v6;
    std::ranges::copy(host, std::as_writable_bytes(std::span(target.where.address.octets)).begin());
  }
  if (silent_) return next(stage::padding, sizeof request_.padding);
  wants_ = 0;
  return {.asked = request_};
}

} // namespace hublink
