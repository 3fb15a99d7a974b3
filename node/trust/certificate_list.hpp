#pragma once
/// The certificates of a folder that `hublink keys` made, or of one node's own, and how each stands.
#include "node/trust/own_certificate.hpp"
#include "protocol/base/role.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

struct listed_certificate {
  std::string name;
  std::optional<hublink::role> role{};
  certificate_state state = certificate_state::ended;
  std::optional<trust::clock_time> until{}; ///< unless it is revoked or unreadable
  std::string reason{};                     ///< of one that does not count
};

struct certificate_listing {
  std::vector<listed_certificate> nodes;       ///< sorted by name
  std::optional<trust::clock_time> ca_until{}; ///< unless the folder has no `ca/`
};

/// `folder`: of the CA and the nodes' folders, or that of one node. Fails with `bad_config` if it is neither.
outcome<certificate_listing> list_certificates(const std::filesystem::path& folder, trust::clock_time now);

/// `2028-11-28`: the day, UTC.
std::string date_of(trust::clock_time when);

} // namespace hublink
