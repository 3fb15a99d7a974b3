#pragma once
/// What accounts may do: which command takes which right is said where the commands are. Pure.
#include "protocol/base/errors.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

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

/// What a command is about, for users who are limited to some files.
enum class subject : std::uint8_t {
  file,    ///< one file ID, or one transfer of it
  listing, ///< several: those of other files are left out
  node,    ///< may be the whole node: goes beyond anybody's limit, whatever file is named
  none,    ///< no file
};

/// What it takes to give a command over a session.
struct command_rights {
  std::optional<right> needed; ///< nothing: no session may give it
  subject about = subject::none;
  bool tells = needed == right::view; ///< and does nothing else

  constexpr bool changes() const { return !tells; }
};
/// Of a command that is given at the node's own control socket.
inline constexpr command_rights operator_alone{};

/// The file IDs that somebody may touch: all, or some, or none. It is only ever narrowed.
class file_limit {
 public:
  file_limit() = default; ///< all
  explicit file_limit(std::set<std::string> alone) : alone_(std::move(alone)) {}

  bool is_all() const { return !alone_; }
  /// `file` may be empty, where it is not known: that is none of some.
  bool covers(const std::string& file) const { return !alone_ || alone_->count(file) > 0; }
  bool covers(const file_limit& other) const;
  /// What both cover.
  file_limit within(const file_limit& other) const;
  /// None, where all are covered.
  std::set<std::string> names() const { return alone_.value_or(std::set<std::string>{}); }

 private:
  std::optional<std::set<std::string>> alone_;
};

/// A user of this server, as far as rights go.
struct account {
  std::string name;
  std::set<right> rights{};
  std::set<std::string> files{}; ///< limited to these file IDs; empty: all

  file_limit limit() const { return files.empty() ? file_limit{} : file_limit{files}; }
};

/// Who gives a command, for the audit trail: nobody from nowhere is the operator at the node itself.
struct commander {
  std::string from, user;
};

/// May that user give this command? `file`: the file ID that it is about; empty if it is about the node or
/// several. Fails with `not_authorised`.
outcome<> may_command(const account& user, std::string_view verb, const command_rights& takes,
                      const std::string& file);

/// May that user make, change or remove the other account? Nobody has power over more than he has himself, or
/// he could give it to himself. Fails with `not_authorised`.
outcome<> may_govern(const account& user, const account& other);

} // namespace hublink
