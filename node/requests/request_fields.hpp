#pragma once
/// The fields of a command, a row a verb: what is not in it, or of another type, is refused before anything
/// is done. Why: a command whose `transfers` is misspelt must not be one without a limit. docs/json.md,
/// "Control socket", has the table.
#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hublink {

struct request_field {
  enum class kind : std::uint8_t {
    text, ///< may be empty, which is as if it were not there
    word, ///< a text that is not empty
    flag,
    number, ///< a whole one
    names,  ///< a list of names (`is_name`); empty, it is as if it were not there
    words,  ///< a list of texts that are not empty
    keys,   ///< an object of texts
  };

  std::string_view name;
  kind what = kind::text;
  bool needed = false;
  std::int64_t least = 0; ///< of a number
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
};

struct verb_fields {
  std::string_view verb;
  std::vector<request_field> fields;
};

/// One for each verb.
const std::vector<verb_fields>& all_verb_fields();

/// One line on what is wrong with a request for that verb, with the nearest name; nothing: all is well.
/// Beside the verb's own fields each may have those by which nodes pass commands on (`at`, `network`,
/// `only_files`, `nonce`). Never throws.
std::optional<std::string> wrong_field(std::string_view verb, const nlohmann::ordered_json& request);

} // namespace hublink
