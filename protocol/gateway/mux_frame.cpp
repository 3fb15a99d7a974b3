#include "protocol/gateway/mux_frame.hpp"

#include <algorithm>

namespace hublink {

namespace {

constexpr std::size_t longest_name = 255, longest_text = 400;
constexpr std::size_t keep_alive_size = 10;

failure malformed(const char* what) {
  return {errc::bad_message, {}, std::string("the gateway link brought a malformed ") + what};
}

mux_reason mux_reason_of(std::byte number) {
  if (number > std::byte(mux_reason::no_more_replies)) return mux_reason::failed;
  return static_cast<mux_reason>(number);
}

std::uint32_t longest(mux_type type) {
  if (type == mux_type::data) return mux_max_data;
  if (type == mux_type::datagram) return mux_max_datagram;
  if (type == mux_type::beside) return mux_max_beside;
  if (type == mux_type::urgent) return 1;
  if (type == mux_type::certificate) return mux_max_certificate;
  return mux_max_control;
}

} // namespace

void put_head(std::byte* at, const mux_head& head) {
  put_be<std::uint32_t>(at, head.size << 8 | static_cast<std::uint32_t>(head.type));
  put_be<std::uint32_t>(at + 4, head.stream);
}

outcome<mux_head> read_head(std::span<const std::byte, mux_head_size> data) {
  auto first = get_be<std::uint32_t>(data.data());
  auto number = first & 0xff;
  if (number > static_cast<std::uint32_t>(mux_type::certificate))
    return malformed("frame: its type is unknown");
  mux_head head{first >> 8, static_cast<mux_type>(number), get_be<std::uint32_t>(data.data() + 4)};
  if (head.size > longest(head.type)) return malformed("frame: it is too long for its type");
  return head;
}

std::string to_string(const mux_target& target) {
  switch (target.kind) {
  case mux_target::by::gateway:
    return target.name;
  case mux_target::by::host:
    return target.name + ":" + std::to_string(target.where.port);
  case mux_target::by::address:
    break;
  }
  return to_string(target.where);
}

std::string_view to_string(mux_reason reason) {
  switch (reason) {
  case mux_reason::failed:
    return "failed";
  case mux_reason::not_allowed:
    return "not-allowed";
  case mux_reason::unknown:
    return "unknown";
  case mux_reason::no_address:
    return "no-address";
  case mux_reason::refused:
    return "refused";
  case mux_reason::unreachable:
    return "unreachable";
  case mux_reason::timed_out:
    return "timed-out";
  case mux_reason::busy:
    return "busy";
  case mux_reason::loop:
    return "loop";
  case mux_reason::closing:
    return "closing";
  case mux_reason::no_more_replies:
    return "no-more-replies";
  }
  return "failed";
}

void append_frame(bytes& to, mux_type type, mux_id stream, byte_view body) {
  auto at = to.size();
  to.resize(at + mux_head_size + body.size());
  put_head(to.data() + at, {static_cast<std::uint32_t>(body.size()), type, stream});
  std::ranges::copy(body, to.begin() + static_cast<std::ptrdiff_t>(at + mux_head_size));
}

void append_hello(bytes& to, const mux_hello& hello) {
  std::array<std::byte, 9> body{};
  body[0] = std::byte(hello.version);
  put_be<std::uint32_t>(body.data() + 1, hello.window);
  put_be<std::uint32_t>(body.data() + 5, hello.max_streams);
  append_frame(to, mux_type::hello, 0, body);
}

outcome<mux_hello> read_hello(byte_view body) {
  if (body.size() < 9) return malformed("hello");
  mux_hello hello;
  hello.version = std::uint8_t(body[0]);
  hello.window = get_be<std::uint32_t>(body.data() + 1);
  hello.max_streams = get_be<std::uint32_t>(body.data() + 5);
  if (hello.version < 1 || hello.window == 0) return malformed("hello");
  return hello;
}

// kind (8), hops left (8), reply time-out (16), port (16), then the address or the name.
void append_target(bytes& to, mux_type type, mux_id stream, const mux_target& target) {
  bytes body(6);
  body[0] = std::byte(target.kind);
  body[1] = std::byte(target.hops_left);
  put_be<std::uint16_t>(body.data() + 2, target.reply_timeout_s);
  put_be<std::uint16_t>(body.data() + 4, target.where.port);
  if (target.kind == mux_target::by::address) {
    auto octets = std::as_bytes(std::span(target.where.address.octets));
    body.insert(body.end(), octets.begin(), octets.begin() + target.where.address.width() / 8);
  } else {
    auto name = as_bytes(std::string_view(target.name).substr(0, longest_name));
    body.insert(body.end(), name.begin(), name.end());
  }
  append_frame(to, type, stream, body);
}

outcome<mux_target> read_target(byte_view body) {
  if (body.size() < 7) return malformed("target");
  mux_target target;
  auto kind = std::uint8_t(body[0]);
  if (kind < 1 || kind > 3) return malformed("target: its kind is unknown");
  target.kind = static_cast<mux_target::by>(kind);
  target.hops_left = std::uint8_t(body[1]);
  target.reply_timeout_s = get_be<std::uint16_t>(body.data() + 2);
  target.where.port = get_be<std::uint16_t>(body.data() + 4);
  auto rest = body.subspan(6);
  if (target.kind == mux_target::by::address) {
    if (rest.size() != 4 && rest.size() != 16) return malformed("address");
    target.where.address.v6 = rest.size() == 16;
    std::ranges::copy(rest, std::as_writable_bytes(std::span(target.where.address.octets)).begin());
    return target;
  }
  target.name = std::string(as_text(rest));
  bool plain = std::ranges::all_of(target.name, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (rest.size() > longest_name || !plain) return malformed("name");
  return target;
}

void append_refusal(bytes& to, mux_type type, mux_id stream, const mux_refusal& why) {
  bytes body{std::byte(why.reason)};
  auto text = as_bytes(std::string_view(why.text).substr(0, longest_text));
  body.insert(body.end(), text.begin(), text.end());
  append_frame(to, type, stream, body);
}

outcome<mux_refusal> read_refusal(byte_view body) {
  if (body.empty()) return malformed("refusal");
  mux_refusal why;
  why.reason = mux_reason_of(body[0]);
  why.text = std::string(as_text(body.subspan(1)));
  std::ranges::replace_if(
      why.text, [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, '?');
  return why;
}

void append_number(bytes& to, mux_type type, mux_id stream, std::uint32_t number) {
  std::array<std::byte, 4> body{};
  put_be(body.data(), number);
  append_frame(to, type, stream, body);
}

outcome<std::uint32_t> read_number(byte_view body) {
  if (body.size() != 4) return malformed("number");
  return get_be<std::uint32_t>(body.data());
}

// On (8), idle (16), interval (16), probes (8), user time-out (32).
void append_keep_alive(bytes& to, mux_id stream, const mux_keep_alive& how) {
  std::array<std::byte, keep_alive_size> body{};
  body[0] = std::byte(how.on);
  put_be(body.data() + 1, how.idle_s);
  put_be(body.data() + 3, how.interval_s);
  body[5] = std::byte(how.probes);
  put_be(body.data() + 6, how.user_timeout_ms);
  append_frame(to, mux_type::keep_alive, stream, body);
}

outcome<mux_keep_alive> read_keep_alive(byte_view body) {
  if (body.size() < keep_alive_size) return malformed("keep-alive");
  mux_keep_alive how;
  how.on = body[0] != std::byte{};
  how.idle_s = get_be<std::uint16_t>(body.data() + 1);
  how.interval_s = get_be<std::uint16_t>(body.data() + 3);
  how.probes = std::uint8_t(body[5]);
  how.user_timeout_ms = get_be<std::uint32_t>(body.data() + 6);
  return how;
}

// From where (8), do they extend (8).
void append_flow_rules(bytes& to, mux_id flow, const mux_flow_rules& rules) {
  const std::array body{std::byte(rules.replies_from), std::byte(rules.replies_extend)};
  append_frame(to, mux_type::flow_rules, flow, body);
}

outcome<mux_flow_rules> read_flow_rules(byte_view body) {
  if (body.size() < 2 || body[0] > std::byte(reply_source::any)) return malformed("flow's rules");
  return mux_flow_rules{static_cast<reply_source>(body[0]), body[1] != std::byte{}};
}

bytes beside_body(const endpoint& where, byte_view data) {
  bytes body(3);
  body[0] = std::byte(where.address.v6);
  put_be(body.data() + 1, where.port);
  auto octets = std::as_bytes(std::span(where.address.octets)).first(std::size_t(where.address.width()) / 8);
  body.insert(body.end(), octets.begin(), octets.end());
  body.insert(body.end(), data.begin(), data.end());
  return body;
}

outcome<mux_beside> read_beside(byte_view body) {
  if (body.size() < 3 || body[0] > std::byte{1}) return malformed("datagram");
  mux_beside found;
  found.where.address.v6 = body[0] == std::byte{1};
  found.where.port = get_be<std::uint16_t>(body.data() + 1);
  auto width = std::size_t(found.where.address.width()) / 8;
  if (body.size() < 3 + width || body.size() > 3 + width + mux_max_datagram) return malformed("datagram");
  std::ranges::copy(body.subspan(3, width),
                    std::as_writable_bytes(std::span(found.where.address.octets)).begin());
  found.data = body.subspan(3 + width);
  return found;
}

mux_reason read_reset(byte_view body) { return body.empty() ? mux_reason::failed : mux_reason_of(body[0]); }

} // namespace hublink
