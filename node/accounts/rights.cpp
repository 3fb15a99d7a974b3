#include "node/accounts/rights.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace hublink {

namespace {

constexpr std::array<std::string_view, 4> right_names{"view", "transfer", "manage", "users"};

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
  for (auto each : rights) text += (text.empty() ? "" : ",") + std::string{to_string(each)};
  return text;
}

bool file_limit::covers(const file_limit& other) const {
  if (!alone_) return true;
  return other.alone_ &&
         std::includes(alone_->begin(), alone_->end(), other.alone_->begin(), other.alone_->end());
}

file_limit file_limit::within(const file_limit& other) const {
  if (!alone_) return other;
  if (!other.alone_) return *this;
  std::set<std::string> both;
  std::set_intersection(alone_->begin(), alone_->end(), other.alone_->begin(), other.alone_->end(),
                        std::inserter(both, both.end()));
  return file_limit{std::move(both)};
}

outcome<> may_command(const account& user, std::string_view verb, const command_rights& takes,
                      const std::string& file) {
  if (!takes.needed) return refused(user, "give the command '" + std::string{verb} + "' from a manager");
  if (!user.rights.count(*takes.needed))
    return refused(user, std::string{verb} + ": it takes the right " + std::string{to_string(*takes.needed)});
  if (user.limit().is_all()) return {};
  if (takes.about == subject::node)
    return refused(user, std::string{verb} + " a whole node: the account is limited to some transfers");
  if (!file.empty() && !user.limit().covers(file))
    return refused(user, std::string{verb} + " " + file + ": the account is limited to other transfers");
  return {};
}

outcome<> may_govern(const account& user, const account& other) {
  for (auto each : other.rights)
    if (!user.rights.count(each))
      return refused(user, "govern " + other.name + ": it has the right " + std::string{to_string(each)});
  if (!user.limit().covers(other.limit()))
    return refused(user, "govern " + other.name + ": it has other transfers");
  return {};
}

} // namespace hublink
