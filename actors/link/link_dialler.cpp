#include "actors/link/link_dialler.hpp"
#include "actors/link/silent_hops.hpp"

#include <utility>

namespace hublink {

void link_dialler::begin(link_actor::pointer self, environment_ptr env, std::string peer,
                         address_finder_actor addresses) {
  self_ = self;
  env_ = std::move(env);
  peer_ = std::move(peer);
  addresses_ = std::move(addresses);
}

void link_dialler::dial() {
  if (dialling_) return;
  began_ = self_->clock().now();
  dialling_ = env_->plane.dial(where_, peer_, weak_owner<link_owner>{self_});
}

void link_dialler::locate_and_dial(std::function<bool()> still_wanted, failed_handler failed) {
  if (dialling_ || std::exchange(locating_, true)) return;
  self_->request(addresses_, caf::infinite, locate_atom_v, peer_)
      .then(
          [this, still_wanted = std::move(still_wanted)](const endpoints& where) {
            locating_ = false;
            if (dialling_ || !still_wanted()) return;
            where_ = where;
            dial();
          },
          [this, failed = std::move(failed)](const caf::error& no) {
            locating_ = false;
            failed(to_failure(no, env_->self->node));
          });
}

void link_dialler::dial_later() {
  const auto now = self_->clock().now();
  self_->delayed_send(self_, pause_.next(env_->timing, env_->random(), now), caf::tick_atom_v);
}

bool link_dialler::is_in_vain(clock::duration since) const {
  return dialling_ && since_last_dial() >= since && env_->silent->is_silent(peer_, self_->clock().now());
}

} // namespace hublink
