#include "node/enclosure/name_answers.hpp"

#include <algorithm>
#include <charconv>

namespace hublink {

namespace {

constexpr std::uint32_t first_stand_in = 198u << 24 | 18u << 16 | 1; // 198.18.0.1
constexpr std::size_t most_names = 100'000;
constexpr std::size_t head_size = 12, longest_name = 253;
constexpr std::uint32_t lives_s = 60;
constexpr std::string_view reverse_zone = ".in-addr.arpa";

enum class record : std::uint16_t { a = 1, ptr = 12 };
enum class response : std::uint16_t { found = 0, no_such_name = 3, not_here = 5 };

struct name_question {
  std::string name; ///< lower case, without the last dot
  std::uint16_t type = 0;
  std::size_t end = 0; ///< in the message
};

std::optional<name_question> question_of(byte_view message) {
  if (message.size() < head_size || get_be<std::uint16_t>(&message[4]) != 1) return {};
  if ((get_be<std::uint16_t>(&message[2]) & 0xf800) != 0) return {}; // an answer, or no plain query
  name_question asked;
  auto at = head_size;
  for (;;) {
    if (at >= message.size()) return {};
    const auto length = std::to_integer<std::size_t>(message[at++]);
    if (length == 0) break;
    if (length > 63 || at + length > message.size()) return {};
    if (!asked.name.empty()) asked.name += '.';
    for (auto octet : message.subspan(at, length)) {
      auto letter = std::to_integer<unsigned char>(octet);
      if (letter <= ' ' || letter >= 0x7f || letter == '.') return {};
      asked.name += static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter);
    }
    if (asked.name.size() > longest_name) return {};
    at += length;
  }
  if (at + 4 > message.size() || get_be<std::uint16_t>(&message[at + 2]) != 1) return {};
  asked.type = get_be<std::uint16_t>(&message[at]);
  asked.end = at + 4;
  return asked;
}

/// `4.3.2.1.in-addr.arpa` is 1.2.3.4.
std::optional<ip_address> reversed(std::string_view name) {
  if (!name.ends_with(reverse_zone)) return {};
  name.remove_suffix(reverse_zone.size());
  std::string text;
  while (!name.empty()) {
    auto dot = name.rfind('.');
    auto part = dot == name.npos ? name : name.substr(dot + 1);
    text += (text.empty() ? "" : ".") + std::string{part};
    name = dot == name.npos ? std::string_view{} : name.substr(0, dot);
  }
  return ip_address::parse(text);
}

void append(bytes& to, byte_view what) { to.insert(to.end(), what.begin(), what.end()); }

template <class Number>
void append(bytes& to, Number number) {
  to.resize(to.size() + sizeof number);
  put_be(&to[to.size() - sizeof number], number);
}

/// As labels.
bytes encoded(std::string_view name) {
  bytes made;
  while (!name.empty()) {
    auto label = name.substr(0, name.find('.'));
    append(made, static_cast<std::uint8_t>(label.size()));
    append(made, as_bytes(label));
    name.remove_prefix(std::min(label.size() + 1, name.size()));
  }
  append(made, std::uint8_t{0});
  return made;
}

/// `data`: of the one record, or empty.
bytes reply(byte_view message, const name_question& asked, response what, byte_view data = {}) {
  bytes made(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(asked.end));
  constexpr std::uint16_t is_answer = 0x8000, wants_recursion = 0x0100, has_recursion = 0x0080;
  put_be(&made[2], static_cast<std::uint16_t>(is_answer | has_recursion | static_cast<std::uint16_t>(what) |
                                              (get_be<std::uint16_t>(&message[2]) & wants_recursion)));
  put_be(&made[6], static_cast<std::uint16_t>(data.empty() ? 0 : 1));
  put_be(&made[8], std::uint32_t{0});
  if (data.empty()) return made;
  append(made, static_cast<std::uint16_t>(0xc000 | head_size)); // the name in the question
  append(made, asked.type);
  append(made, std::uint16_t{1});
  append(made, lives_s);
  append(made, static_cast<std::uint16_t>(data.size()));
  append(made, data);
  return made;
}

} // namespace

bool name_answers::fits(std::string_view name) const {
  if (patterns_.empty()) return true;
  return std::ranges::any_of(patterns_, [&](std::string_view pattern) {
    std::string lower;
    for (unsigned char letter : pattern)
      lower += static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter);
    if (lower == "*") return name.find('.') != name.npos;
    if (!lower.starts_with('*')) return lower == name;
    return name.size() > lower.size() - 1 && name.ends_with(std::string_view(lower).substr(1));
  });
}

std::optional<std::uint32_t> name_answers::stand_in(const std::string& name) {
  auto known = numbers_.find(name);
  if (known == numbers_.end()) {
    if (names_.size() == most_names) return {};
    known = numbers_.emplace(name, static_cast<std::uint32_t>(names_.size())).first;
    names_.push_back(name);
  }
  return first_stand_in + known->second;
}

std::optional<bytes> name_answers::answer(byte_view message) {
  auto asked = question_of(message);
  if (!asked) return {};
  if (auto address = reversed(asked->name)) {
    auto* name = behind(*address);
    if (!name) return reply(message, *asked, response::no_such_name);
    const bool wanted = asked->type == static_cast<std::uint16_t>(record::ptr);
    return reply(message, *asked, response::found, wanted ? encoded(*name) : bytes{});
  }
  if (asked->name.empty() || !fits(asked->name)) return reply(message, *asked, response::not_here);
  if (asked->type != static_cast<std::uint16_t>(record::a)) return reply(message, *asked, response::found);
  auto address = stand_in(asked->name);
  if (!address) return reply(message, *asked, response::not_here);
  bytes data;
  append(data, *address);
  return reply(message, *asked, response::found, data);
}

const std::string* name_answers::behind(const ip_address& address) const {
  if (address.v6) return nullptr;
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | address.octets[static_cast<std::size_t>(i)];
  auto number = value - first_stand_in; // before the first: too great
  return number < names_.size() ? &names_[number] : nullptr;
}

} // namespace hublink
