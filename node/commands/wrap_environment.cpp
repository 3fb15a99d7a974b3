#include "node/commands/wrap_environment.hpp"
#include "actors/definition/definition.hpp"
#include "protocol/base/bytes.hpp"

#include <algorithm>

namespace hublink {

namespace {

constexpr std::size_t longest_wrap_word = 255; // of user, password and name: RFC 1928 and 1929
constexpr std::size_t longest_value = 120'000; // the kernel takes 128 KiB of a variable

/// As the library reads it.
std::string encoded(const proxy_rule& rule, bool direct) {
  const auto& base = rule.network.base;
  auto octets = std::as_bytes(std::span(base.octets)).first(static_cast<std::size_t>(base.width()) / 8);
  return (direct ? "-" : "") + std::string(base.v6 ? "6 " : "4 ") + to_hex(octets) + " " +
         std::to_string(rule.network.prefix) + " " + std::to_string(rule.first_port) + " " +
         std::to_string(rule.last_port) + ";";
}

/// With ports, or with all of them. A bare IPv6 address has none.
std::optional<proxy_rule> destination_of(const std::string& pattern) {
  if (auto rule = proxy_rule::parse(pattern)) return rule;
  const bool bare = pattern.find(':') != pattern.npos && pattern.find_first_of("[/") == pattern.npos;
  return proxy_rule::parse((bare ? "[" + pattern + "]" : pattern) + ":1-65535");
}

outcome<> add_rules(const char* option, const std::vector<std::string>& patterns, bool direct,
                    std::vector<wrap_rule>& to) {
  for (const auto& pattern : patterns) {
    auto rule = destination_of(pattern);
    if (!rule)
      return {errc::bad_config, std::string{option} + " '" + pattern +
                                    "' is no destination such as 10.2.0.0/16 or 10.2.0.7:5432"};
    to.push_back({*rule, direct});
  }
  return {};
}

/// Where the user names no destinations: all but the machine itself and its nearest neighbours.
std::string everywhere_but_nearby() {
  std::string text;
  for (const auto& network : nearby_networks()) text += encoded({network, 1, 65535}, true);
  for (auto all : {"0.0.0.0/0", "::/0"}) text += encoded({*ip_network::parse(all), 1, 65535}, false);
  return text;
}

/// `db.plant.example`, `*.plant.example`, `*`.
bool is_name_pattern(std::string_view pattern) {
  if (pattern.starts_with('*')) pattern.remove_prefix(1);
  return pattern.size() <= longest_wrap_word &&
         std::all_of(pattern.begin(), pattern.end(),
                     [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '*' && c != '/'; });
}

outcome<std::string> names_of(const std::vector<std::string>& patterns) {
  std::string text;
  for (const auto& pattern : patterns) {
    const auto option = "--names '" + pattern + "' ";
    if (ip_address::parse(pattern)) return {errc::bad_config, option + "is an address; give it to --only"};
    if (pattern.empty() || !is_name_pattern(pattern))
      return {errc::bad_config,
              option +
                  "is neither a name nor a pattern such as '*.plant.example', which begins with its '*'"};
    text += (text.empty() ? "" : " ") + pattern;
  }
  return text;
}

outcome<std::string> user_of(const std::string& file, std::string text) {
  for (char end : {'\n', '\r'}) // as editors of any system end a line
    if (text.ends_with(end)) text.pop_back();
  auto colon = text.find(':');
  auto password = colon == text.npos ? 0 : text.size() - colon - 1;
  const bool printable =
      std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  const bool fits = colon != text.npos && colon > 0 && colon <= longest_wrap_word && password > 0 &&
                    password <= longest_wrap_word && printable;
  if (fits) return text;
  return {errc::bad_config,
          file + " (--user-file) must be one line, user:password, each of 1 to 255 bytes without control "
                 "characters"};
}

std::string replies_of(const wrap_options& options) {
  auto text = std::to_string(options.reply_timeout_s);
  if (options.replies_from != "destination") text += " " + options.replies_from;
  return options.replies_extend ? text + " extend" : text;
}

outcome<> check_length(const char* options, const std::string& value) {
  if (value.size() <= longest_value) return {};
  return {errc::bad_config, std::string{options} +
                                ": these are too many to hand on to a program; name fewer, "
                                "wider ones"};
}

} // namespace

outcome<endpoint> wrap_gateway(const wrap_options& options) {
  auto gateway = endpoint::parse(options.gateway);
  if (gateway && gateway->port != 0) return *gateway;
  return {
      errc::bad_config,
      (options.gateway.empty() ? "no gateway is named" : "'" + options.gateway + "' is no gateway") +
          "; give --gateway (or HUBLINK_GATEWAY) the address of its SOCKS listener, such as 127.1.1.1:1080"};
}

outcome<std::vector<wrap_rule>> wrap_rules(const wrap_options& options) {
  std::vector<wrap_rule> rules;
  if (auto added = add_rules("--direct", options.direct, true, rules); !added) return added.error();
  if (auto added = add_rules("--only", options.only, false, rules); !added) return added.error();
  return rules;
}

outcome<> check_wrap_names(const wrap_options& options) {
  auto names = names_of(options.names);
  return names ? outcome<>{} : outcome<>{names.error()};
}

outcome<std::string> wrap_user(const wrap_options& options, const std::optional<std::string>& user) {
  return user ? user_of(options.user_file, *user) : outcome<std::string>{std::string{}};
}

outcome<wrap_variables> wrap_environment(const wrap_options& options,
                                         const std::optional<std::string>& user) {
  auto gateway = wrap_gateway(options);
  if (!gateway) return gateway.error();
  auto rules = wrap_rules(options);
  if (!rules) return rules.error();
  std::string taken;
  for (const auto& rule : *rules) taken += encoded(rule.where, rule.direct);
  if (options.only.empty()) taken += everywhere_but_nearby();
  auto names = names_of(options.names);
  if (!names) return names.error();
  auto credentials = wrap_user(options, user);
  if (!credentials) return credentials.error();
  if (auto fits = check_length("--only and --direct", taken); !fits) return fits.error();
  if (auto fits = check_length("--names", *names); !fits) return fits.error();
  auto unless_empty = [](const std::string& value) {
    return value.empty() ? std::nullopt : std::optional{value};
  };
  return wrap_variables{{"HUBLINK_WRAP_GATEWAY", to_string(*gateway)},
                        {"HUBLINK_WRAP_RULES", taken},
                        {"HUBLINK_WRAP_USER_FILE", unless_empty(options.user_file)},
                        {"HUBLINK_WRAP_NAMES", unless_empty(*names)},
                        {"HUBLINK_WRAP_REPLY_S", replies_of(options)}};
}

} // namespace hublink
