#pragma once
/// Where a program's destinations lead, as `hublink wrap` was told. Pure.
#include "actors/definition/definition.hpp"

#include <vector>

namespace hublink {

/// `--only` and `--direct`, in the order in which they count.
struct wrap_rule {
  proxy_rule where;
  bool direct = false;
};

/// The machine itself and its nearest neighbours: not taken where no rule names them.
const std::vector<ip_network>& nearby_networks();

enum class way_out : std::uint8_t {
  inside,  ///< loopback of the namespace
  gateway, ///< taken
  direct,  ///< `--direct`: dialled from outside, without the gateway
  none,    ///< `--only` has it not
};

class ways_out {
 public:
  /// `only`: what the rules don't have is not taken.
  ways_out(std::vector<wrap_rule> rules, bool only) : rules_(std::move(rules)), only_(only) {}

  way_out of(const endpoint& destination) const;
  const std::vector<wrap_rule>& rules() const { return rules_; }

 private:
  std::vector<wrap_rule> rules_;
  bool only_;
};

} // namespace hublink
