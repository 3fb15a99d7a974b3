#pragma once
/// The fields of a transfer's policy, one row each: what the topology file, the definitions, `plan` and the
/// manual (docs/reference/topology.md, "Transfers") say of them comes from here. Included by sources only.
#include "node/topology/json_fields.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace hublink {

/// Whose definition carries a field: the sender's, a receiver's, that of the server where a file's last
/// stretches begin.
enum class policy_holder : std::uint8_t { sender, receiver, store };

struct policy_field {
  std::string group{}; ///< the object that it stands in; mostly none
  std::string key{};
  std::vector<policy_holder> told_to{};
  std::string manual{};   ///< its meaning, for the manual
  std::string fallback{}; ///< as the manual says it
  std::string bounds{};   ///< as the manual says them

  /// Nothing was read: it is absent, or wrong and noted.
  std::function<bool(json_fields& fields, transfer_policy& into)> read{};
  std::function<nlohmann::ordered_json(const transfer_policy& policy)> write{};
  std::function<void(const transfer_policy& from, transfer_policy& into)> copy{};
  /// Does a definition say it? Otherwise: where it differs from the default, so that nodes of an earlier
  /// version can read all others.
  std::function<bool(const transfer_policy& policy)> is_written{};
  /// It stands before all others in a definition's JSON, which of one version has to be the same, byte for
  /// byte, from every build.
  bool is_first = false;
  /// What `plan` says where it differs from the default; otherwise key and value.
  std::function<std::string(const transfer_policy& policy)> phrase{};

  std::string name() const { return group.empty() ? key : group + "." + key; }
  bool is_told_to(policy_holder holder) const;
};

/// In the order in which the topology's problems are reported, and (but for `is_first`) definitions written.
const std::vector<policy_field>& policy_fields();

/// Every field, as the topology has them. Returns the names of those that were read.
std::set<std::string> read_policy(json_fields& fields, transfer_policy& into);
/// The fields of that holder's definition.
void read_policy_part(json_fields& fields, policy_holder holder, transfer_policy& into);
void write_policy_part(const transfer_policy& policy, policy_holder holder, nlohmann::ordered_json& into);
/// What that holder has to know of it; everything else at its default.
transfer_policy policy_part(const transfer_policy& policy, policy_holder holder);
/// What differs from the defaults there, for people; `separator` stands before each.
std::string policy_text(const transfer_policy& policy, policy_holder holder, const std::string& separator);

} // namespace hublink
