#pragma once
/// What `hublink wrap` tells the preloaded library (node/wrap/settings_text.hpp). Pure.
#include "protocol/base/errors.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hublink {

struct wrap_options {
  std::string gateway, user_file;
  std::vector<std::string> only, direct, names;
  int reply_timeout_s = 5;
  bool allow_direct = false; ///< children that can't be taken run all the same
};

/// Variables with their values; nothing: not set, whatever was set before.
using wrap_variables = std::vector<std::pair<std::string, std::optional<std::string>>>;

/// `user`: what the user file says; nothing: there is none. Fails with `bad_config`, and names the option:
/// what the library could not use must not be taken as if it were not there.
outcome<wrap_variables> wrap_environment(const wrap_options& options, const std::optional<std::string>& user);

} // namespace hublink
