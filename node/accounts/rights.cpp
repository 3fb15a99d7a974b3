#include "node/accounts/rights.hpp"

#include <algorithm>
#include <array>

namespace hublink {

namespace {

constexpr std::array<std::string_view, 4> right_names{"view", "transfer", "manage", "users"};

/// What a command is about, for users who are limited to some files.
enum class scope : std::uint8_t {
  file,    ///< one file ID, or one transfer of it
  listing, ///< several: those of other files are left out
  node,    ///< may be the whole node: goes beyond anybody's limit, whatever file is named
  none,    ///< no file
};

struct row {
  std::string_view verb;
  right needed;
  scope about;
};

constexpr std::array commands_and_rights{
    row{"status", right::view, scope::none},        row{"transfers", right::view, scope::listing},
    row{"history", right::view, scope::listing},    row{"ping", right::view, scope::none},
    row{"trace", right::view, scope::listing},      row{"events", right::view, scope::listing},
    row{"send", right::transfer, scope::file},      row{"request", right::transfer, scope::file},
    row{"cancel", right::transfer, scope::file},    row{"retry", right::transfer, scope::file},
    row{"stored", right::view, scope::listing},     row{"deliver", right::transfer, scope::file},
    row{"hold", right::manage, scope::node},        row{"release", right::manage, scope::node},
    row{"define", right::manage, scope::node},      row{"definition", right::view, scope::node},
    row{"rate", right::manage, scope::node},        row{"users-list", right::users, scope::none},
    row{"users-add", right::users, scope::none},    row{"users-remove", right::users, scope::none},
    row{"users-passwd", right::users, scope::none}, row{"audit", right::users, scope::none},
};

const row* find_row(std::string_view verb) {
  auto found = std::find_if(commands_and_rights.begin(), commands_and_rights.end(),
                            [&](const auto& one) { return one.verb == verb; });
  return found == commands_and_rights.end() ? nullptr : &*found;
}

failure refused(const account& user, const std::string& what) {
  return {errc::not_authorised, {}, user.name + " may not " + what};
}

} // namespace

std::string_view to_string(right value) { return right_names[static_cast<std::size_t>(value)]; }

std::optional<right> right_from_string(std::string_view name) {
  auto found = std::find(right_names.begin(), right_names.end(), name);
  if (found == right_names.end()) return {};
  return static_cast<right>(found - right_names.begin());
}

outcome<std::set<right>> rights_from_text(std::string_view text) {
  std::set<right> rights;
  while (!text.empty()) {
    auto end = std::min(text.find(','), text.size());
    auto name = text.substr(0, end);
    auto found = right_from_string(name);
    if (!found)
      return {errc::bad_config,
              "there is no right '" + std::string{name} + "'; rights are view, transfer, manage, users"};
    rights.insert(*found);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return rights;
}

std::string to_text(const std::set<right>& rights) {
  std::string text;
  for (auto one : rights) text += (text.empty() ? "" : ",") + std::string{to_string(one)};
  return text;
}

std::optional<right> right_needed(std::string_view verb) {
  auto* found = find_row(verb);
  if (!found) return {};
  return found->needed;
}

outcome<> may_command(const account& user, std::string_view verb, const std::string& file) {
  auto* found = find_row(verb);
  if (!found) return refused(user, "give the command '" + std::string{verb} + "' from a manager");
  if (!user.rights.count(found->needed))
    return refused(user, std::string{verb} + ": it takes the right " + std::string{to_string(found->needed)});
  if (user.files.empty()) return {};
  if (found->about == scope::node)
    return refused(user, std::string{verb} + " a whole node: the account is limited to some transfers");
  if (!file.empty() && !user.may_touch(file))
    return refused(user, std::string{verb} + " " + file + ": the account is limited to other transfers");
  return {};
}

std::vector<std::string_view> commands_with_rights() {
  std::vector<std::string_view> verbs;
  for (const auto& one : commands_and_rights) verbs.push_back(one.verb);
  return verbs;
}

} // namespace hublink
