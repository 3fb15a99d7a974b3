#pragma once
/// The fields of commands, of which each verb's row has its own (`verb::fields`): what is not in it, or of
/// another type, is refused before anything is done. Why: a command whose `transfers` is misspelt must not be
/// one without a limit. docs/reference/control.md has the table.
#include "protocol/base/errors.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hublink {

struct verb;

/// Where a command came in.
enum class request_way : std::uint8_t { socket, session };

struct request_field {
  enum class kind : std::uint8_t {
    text, ///< may be empty, which is as if it were not there
    word, ///< a text that is not empty
    flag,
    number, ///< a whole one
    names,  ///< a list of names (`is_name`); empty, it is as if it were not there
    words,  ///< a list of texts that are not empty
    keys,   ///< an object of texts, `stored` and `server` among them
  };

  std::string_view name;
  kind what = kind::text;
  bool needed = false;
  std::int64_t least = 0;                                         ///< of a number
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max(); ///< of a number; bytes of a text
  std::optional<request_way> by{};                                ///< it has a place there alone

  /// Of a node, a file, a user: what is longer is none, and is not written down anywhere.
  static constexpr request_field name_of(std::string_view what) { return {what, kind::text, false, 0, 255}; }
  static constexpr request_field needed_name(std::string_view what) {
    return {what, kind::word, true, 0, 255};
  }
  static constexpr request_field flag_of(std::string_view what) { return {what, kind::flag}; }
  static constexpr request_field limit_of(std::string_view what) {
    return {what, kind::number, false, 0, 100'000};
  }
  constexpr request_field only_by(request_way way) const {
    auto field = *this;
    field.by = way;
    return field;
  }
};

/// By whose sessions a command goes that needs them at a manager; where `user` is a field of its own,
/// `sessions_of`.
const char* whose_field(const verb& row);

/// One line on what is wrong with a request for that verb, with the nearest name; nothing: all is well.
/// Beside the verb's own fields each may have those by which nodes pass commands on (`at`, `network`,
/// `only_files`, `nonce`), and at the control socket `whose_field`, if it needs a session at a manager. Never
/// throws.
std::optional<std::string> wrong_field(const verb& row, const nlohmann::ordered_json& request,
                                       request_way way);

/// The first look at what came over a session, before anybody asks who may: `bad_message` if a field that the
/// verb knows is of another kind, or lacks. Of a verb that nobody knows: the fields of passing on.
outcome<> fits_request(const nlohmann::ordered_json& request);

} // namespace hublink
