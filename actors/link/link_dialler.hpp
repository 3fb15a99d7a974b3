#pragma once
/// How a link comes by a connection that is made from here: one dial at a time, and where the link is kept
/// another one after a pause.
#include "actors/link/link_interface.hpp"
#include "actors/link/redial_pause.hpp"
#include "actors/ports/environment.hpp"

#include <functional>
#include <optional>
#include <string>

namespace hublink {

class link_dialler {
 public:
  using clock = std::chrono::steady_clock;
  using failed_handler = std::function<void(const failure&)>;

  void begin(link_actor::pointer self, environment_ptr env, std::string peer, address_finder_actor addresses);

  /// Where the peer is by now.
  void set(const endpoints& where) { where_ = where; }
  void dial();
  /// Asks where the peer is, since its name may lead elsewhere by now; dials it if `still_wanted` then.
  void locate_and_dial(std::function<bool()> still_wanted, failed_handler failed);
  /// After the next pause there is a tick.
  void dial_later();
  bool may_dial_again() const { return pause_.is_over(self_->clock().now()); }
  /// It was up: the next pause is the first one again.
  void forget_pauses() { pause_.forget(); }

  bool is_dialling() const { return dialling_.has_value(); }
  bool is_dialling(link_id id) const { return dialling_ == id; }
  /// That dial is over, well or not.
  void end() { dialling_.reset(); }
  /// For so long by now, and the last one met silence, too.
  bool is_in_vain(clock::duration since) const;
  clock::duration since_last_dial() const { return self_->clock().now() - began_; }

 private:
  link_actor::pointer self_ = nullptr;
  environment_ptr env_;
  std::string peer_;
  address_finder_actor addresses_;
  endpoints where_;
  bool locating_ = false;
  std::optional<link_id> dialling_;
  clock::time_point began_;
  redial_pause pause_;
};

} // namespace hublink
