#pragma once
/// Next hop for what was told, from the node's definition and its host definitions (hosts table, then the
/// system resolver).
#include "actors/base/answer_promise.hpp"
#include "actors/base/atoms.hpp"
#include "actors/ports/environment.hpp"
#include "actors/routing/hop_choice.hpp"

#include <map>
#include <set>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::hop_choices)

namespace hublink {

using route_resolver_actor = caf::typed_actor<
    // Looks up what comes next, names included; fails with a `failure`.
    caf::replies_to<open>::with<hop_choices>, caf::reacts_to<resolved>>;

class route_resolver_state {
 public:
  using actor_type = route_resolver_actor;
  static inline const char* name = "route_resolver";

  explicit route_resolver_state(route_resolver_actor::stateful_pointer<route_resolver_state> self)
      : self_(self) {}
  route_resolver_actor::behavior_type start(environment_ptr env);

 private:
  /// One question. It is computed again from the start whenever a name that it lacked was resolved.
  struct question {
    open told;
    answer_to<hop_choices> reply;
    std::map<std::string, outcome<ip_address>> names; ///< answers of the system resolver
    std::set<std::string> missing;
  };

  void advance(std::uint64_t number);
  outcome<hop_choices> compute(question& asked) const;
  outcome<std::vector<hop_choice>> choices_for(question& asked, const target& wanted) const;
  hop_choice with_address(question& asked, next_hop hop) const;
  /// Nothing while the system resolver has to be asked.
  std::optional<outcome<ip_address>> address_of(question& asked, const std::string& host) const;
  void take(const resolved& got);

  route_resolver_actor::stateful_pointer<route_resolver_state> self_;
  environment_ptr env_;
  std::map<std::uint64_t, question> questions_;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::string>>
      lookups_; ///< plane's number → question, name
  std::uint64_t last_number_ = 0;
};

} // namespace hublink
