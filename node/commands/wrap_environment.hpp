#pragma once
/// What `hublink wrap` is told, checked, and what it tells the preloaded library
/// (node/wrap/settings_text.hpp). Pure. All fail with `bad_config`, and name the option: what could not be
/// used must not be taken as if it were not there.
#include "node/enclosure/ways_out.hpp"
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
  std::string replies_from = "destination"; ///< or `host`, `any`
  bool replies_extend = false;
  bool strict = false;
  bool allow_direct = false; ///< children that can't be taken run all the same
};

/// Variables with their values; nothing: not set, whatever was set before.
using wrap_variables = std::vector<std::pair<std::string, std::optional<std::string>>>;

outcome<endpoint> wrap_gateway(const wrap_options& options);
/// `--direct`, then `--only`.
outcome<std::vector<wrap_rule>> wrap_rules(const wrap_options& options);
outcome<> check_wrap_names(const wrap_options& options);
/// `user:password`, or empty. `user`: what the user file says; nothing: there is none.
outcome<std::string> wrap_user(const wrap_options& options, const std::optional<std::string>& user);

outcome<wrap_variables> wrap_environment(const wrap_options& options, const std::optional<std::string>& user);

} // namespace hublink
