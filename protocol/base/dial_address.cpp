#include "protocol/base/dial_address.hpp"

#include <algorithm>
#include <charconv>

namespace hublink {

namespace {

constexpr std::size_t longest_name = 253, longest_label = 63; // RFC 1035, as text

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_of_label(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= longest_label && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), is_of_label);
}

/// What the C library would read as a number: `1`, `0x7f000001`.
bool is_number(std::string_view label) {
  const bool hex = label.size() > 1 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X');
  return hex || std::all_of(label.begin(), label.end(), is_digit);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool plain = error == std::errc{} && end == text.data() + text.size() && text.front() != '0';
  return plain ? std::optional{port} : std::nullopt;
}

} // namespace

bool is_dns_name(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.size() > longest_name) return false;
  for (;;) {
    const auto dot = text.find('.');
    const auto label = text.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == text.npos) return !is_number(label);
    text.remove_prefix(dot + 1);
  }
}

std::optional<dial_address> dial_address::parse(std::string_view text) {
  if (auto where = endpoint::parse(text)) return dial_address{*where};
  const auto colon = text.rfind(':');
  if (colon == text.npos || !is_dns_name(text.substr(0, colon))) return {};
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return {};
  dial_address made;
  made.name = text.substr(0, colon);
  made.port = *port;
  return made;
}

std::optional<dial_address> dial_address::parse_host(std::string_view text) {
  if (auto address = ip_address::parse(text)) return dial_address{*address};
  if (!is_dns_name(text)) return parse(text);
  dial_address made;
  made.name = text;
  return made;
}

std::string to_string(const dial_address& where) {
  if (!where.is_name())
    return where.port == 0 ? to_string(where.address) : to_string(endpoint{where.address, where.port});
  return where.port == 0 ? where.name : where.name + ":" + std::to_string(where.port);
}

std::vector<ip_address> dial_order(const std::vector<ip_address>& found) {
  std::vector<ip_address> of_first, of_other, order;
  for (const auto& each : found) {
    const auto address = unmapped(each);
    auto& family = address.v6 == unmapped(found.front()).v6 ? of_first : of_other;
    if (std::find(family.begin(), family.end(), address) == family.end()) family.push_back(address);
  }
  for (std::size_t i = 0; i < std::max(of_first.size(), of_other.size()); ++i)
    for (const auto* family : {&of_first, &of_other})
      if (i < family->size()) order.push_back((*family)[i]);
  return order;
}

} // namespace hublink
