#include "actors/management/session_choice.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace hublink {

namespace {

std::string listed(const std::set<std::string>& users) {
  std::string text;
  for (const auto& user : users) text += (text.empty() ? "" : ", ") + user;
  return text;
}

} // namespace

outcome<std::string> chosen_user(const std::vector<session_row>& rows, const std::string& named) {
  std::set<std::string> in, known;
  for (const auto& row : rows) {
    known.insert(row.user);
    if (row.state == session_standing::in) in.insert(row.user);
  }
  if (known.empty() && named.empty())
    return failure{errc::bad_config, {}, "not logged in; see hublink login"};
  if (known.count(named)) return named;
  const auto& there = in.empty() ? known : in;
  if (!named.empty())
    return failure{errc::bad_config,
                   {},
                   named + " is not logged in; see hublink login" +
                       (there.empty() ? "" : "; logged in: " + listed(there))};
  if (there.size() == 1) return *there.begin();
  return failure{
      errc::bad_config, {}, "several users are logged in: " + listed(there) + "; say which one with --user"};
}

std::vector<session_row> rows_of(const std::vector<session_row>& rows, const std::string& user) {
  std::vector<session_row> own;
  std::ranges::copy_if(rows, std::back_inserter(own), [&](const auto& row) { return row.user == user; });
  return own;
}

} // namespace hublink
