#pragma once
/// What several nodes answered to the same command.
#include "node/control/control_services.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace hublink {

struct gathered_answers {
  const control_services& services; ///< of the node that asked
  const nlohmann::ordered_json& request;
  const std::vector<nlohmann::ordered_json>& answers; ///< objects
  const std::vector<std::string>& from;               ///< who gave each of them
  const std::string& nonce;                           ///< of the question; each node that is asked gets it

  /// The rows of their lists of that name.
  std::vector<nlohmann::ordered_json> rows(const char* list) const;
  /// The same, each with the `node` whose it is.
  nlohmann::ordered_json rows_by_node(const char* list) const;
};

} // namespace hublink
