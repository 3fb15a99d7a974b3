#pragma once
/// Adds to a plan the addresses that only the system resolver knows, and to every hop the address to dial.
#include "actors/base/answer_promise.hpp"
#include "actors/base/atoms.hpp"
#include "actors/ports/environment.hpp"
#include "actors/routing/hop_choice.hpp"
#include "protocol/base/fair_queue.hpp"
#include "protocol/base/fair_share.hpp"

#include <functional>
#include <map>
#include <set>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::way_plan)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::hop_choices)

namespace hublink {

using route_resolver_actor = caf::typed_actor<
    // The plan's hops with the addresses to dial; fails with a `failure`.
    caf::replies_to<way_plan>::with<hop_choices>,
    // Where that neighbour, client or home server is dialled now, best first; fails with a `failure`.
    caf::replies_to<locate_atom, std::string>::with<endpoints>, caf::reacts_to<resolved>>;

class route_resolver_state {
 public:
  using actor_type = route_resolver_actor;
  static inline const char* name = "route_resolver";

  explicit route_resolver_state(route_resolver_actor::stateful_pointer<route_resolver_state> self)
      : self_(self) {}
  route_resolver_actor::behavior_type start(environment_ptr env);

 private:
  using asked_handler = std::function<void(const system_answers&)>;
  /// Names that the system is asked together.
  struct question {
    std::set<std::string> missing;
    system_answers answers;
    asked_handler asked;
  };
  struct lookup {
    std::uint64_t question = 0;
    std::string name, asker;
  };

  caf::result<hop_choices> complete(way_plan plan);
  caf::result<endpoints> locate(const std::string& name);
  /// At once if there are none.
  void ask_system(std::set<std::string> names, const std::string& asker, asked_handler asked);
  /// As many as the system is asked at once, in turn for the askers: one that waits for a name server that
  /// does not answer takes nobody else's.
  void look_up_next();
  void take(const resolved& got);

  route_resolver_actor::stateful_pointer<route_resolver_state> self_;
  environment_ptr env_;
  std::map<std::uint64_t, question> questions_;
  std::map<std::uint64_t, lookup> lookups_; ///< by the plane's number
  fair_queue<std::uint64_t> waiting_;       ///< of these
  fair_share under_way_{data_plane::lookups_at_once};
  std::uint64_t last_number_ = 0;
};

} // namespace hublink
