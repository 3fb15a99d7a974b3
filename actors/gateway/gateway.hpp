#pragma once
/// A server's gateway: keeps or makes the links to the other gateways, and answers who asks about them.
#include "actors/base/answer_promise.hpp"
#include "actors/circuit/far_side.hpp"
#include "actors/gateway/gateway_interface.hpp"

#include <map>
#include <set>

namespace hublink {

class gateway_state {
 public:
  using actor_type = gateway_actor;
  static inline const char* name = "gateway";

  explicit gateway_state(gateway_actor::stateful_pointer<gateway_state> self) : self_(self) {}
  ~gateway_state(); ///< its dialling ends with it
  gateway_actor::behavior_type start(environment_ptr env, hop_services services);

 private:
  struct peer_state {
    bool kept = false;       ///< redialled when it is lost
    std::set<circuit_id> up; ///< links
    bool dialling = false, planned = false;
    std::chrono::milliseconds pause{0}; ///< before the next dial
    std::chrono::steady_clock::time_point failed_at{};
    failure why; ///< of the last dial
  };

  /// Dials those that the definition wants to be kept, and keeps no others.
  void keep_links();
  void wanted(const std::string& peer);
  void dial(const std::string& peer);
  void dial_failed(const std::string& peer, const failure& why);
  void plan_dial(const std::string& peer);

  gateway_actor::stateful_pointer<gateway_state> self_;
  environment_ptr env_;
  hop_services services_;
  std::map<std::string, peer_state> peers_;
  std::map<circuit_id, std::string> dialled_; ///< links that this node dialled and that are not up yet
  std::map<std::uint64_t, answer_promise<gateway_report>> asked_;
  std::vector<gateway_circuit_actor> circuits_;
  std::uint64_t last_number_ = 0;
};

} // namespace hublink
