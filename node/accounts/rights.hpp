#pragma once
/// What accounts may do: one table, command × right. Pure.
#include "protocol/base/errors.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hublink {

enum class right : std::uint8_t {
  view,     ///< listings, status, ping
  transfer, ///< begin, end and repeat transfers
  manage,   ///< hold, rates, definitions
  users,    ///< accounts
};
std::string_view to_string(right value);
std::optional<right> right_from_string(std::string_view name);

/// `view,transfer`; fails with the name that is none.
outcome<std::set<right>> rights_from_text(std::string_view text);
std::string to_text(const std::set<right>& rights);

/// The right that a command needs; nothing for commands that no session may give.
std::optional<right> right_needed(std::string_view verb);

/// A user of this server, as far as rights go.
struct account {
  std::string name;
  std::set<right> rights;
  std::set<std::string> files; ///< limited to these file IDs; empty: all

  bool may_touch(const std::string& file) const { return files.empty() || files.count(file) > 0; }
};

/// Who gives a command, for the audit trail: nobody from nowhere is the operator at the node itself.
struct commander {
  std::string from, user;
};

/// May that user give this command? `file`: the file ID that it is about; empty if it is about the node or
/// several. Fails with `not_authorised`.
outcome<> may_command(const account& user, std::string_view verb, const std::string& file);

/// Every command of the table, for tests and docs.
std::vector<std::string_view> commands_with_rights();

} // namespace hublink
