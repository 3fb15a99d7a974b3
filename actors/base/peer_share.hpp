#pragma once
/// What one neighbour may have of something of this node's, and of that each of those who ask through it. Not
/// thread-safe.
#include "protocol/base/fair_share.hpp"
#include "protocol/base/role.hpp"
#include "protocol/link/link_message.hpp"

#include <string>

namespace hublink {

/// Who asks, as far as this node can tell: the neighbour itself, or one of those behind it.
inline std::string holder_of(const open& request) {
  return request.share ? std::to_string(*request.share) : "";
}

class peer_share {
 public:
  /// `many` ask through it: as through a server. Else all is for one.
  explicit peer_share(bool many = false) : many_(many) {}

  enum class answer : std::uint8_t { taken, all_taken, share_is_used };

  /// One more of `whole`, which may change from time to time.
  answer take(const std::string& holder, int whole) {
    share_.resize(fair_share::amount(whole));
    if (share_.taken() >= fair_share::amount(whole)) return answer::all_taken;
    if (many_ && !share_.may_take(holder, 1)) return answer::share_is_used;
    share_.add(holder, 1);
    return answer::taken;
  }
  void give_back(const std::string& holder) { share_.give_back(holder, 1); }

 private:
  bool many_;
  fair_share share_{0};
};

} // namespace hublink
