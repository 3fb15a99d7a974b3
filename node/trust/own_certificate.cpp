#include "node/trust/own_certificate.hpp"
#include "node/base/time_text.hpp"

namespace hublink {

std::string_view to_string(certificate_state state) {
  switch (state) {
  case certificate_state::valid:
    return "valid";
  case certificate_state::expires_soon:
    return "expires-soon";
  case certificate_state::ended:
    break;
  }
  return "ended";
}

own_certificate::standing own_certificate::now() const {
  auto now = wall_clock_();
  auto holder = ca_->check(self_.now()->certificate(), now);
  standing found{.state = certificate_state::ended};
  {
    std::lock_guard guard{lock_};
    found.renews = renews_;
    found.not_renewed = not_renewed_;
  }
  if (!holder) {
    found.problem = holder.error().text;
    return found;
  }
  found.state = holder->until - now <= soon ? certificate_state::expires_soon : certificate_state::valid;
  found.until = holder->until;
  return found;
}

void own_certificate::note_renewal(std::optional<trust::clock_time> when, std::string problem) {
  std::lock_guard guard{lock_};
  renews_ = when;
  not_renewed_ = std::move(problem);
}

std::optional<std::string> own_certificate::news() {
  auto found = now();
  auto at = wall_clock_();
  std::lock_guard guard{lock_};
  bool again = at - said_at_ >= remind || at < said_at_;
  bool early = found.state == certificate_state::valid && *found.until - at <= first_warning;
  if (early && !said_early_ && found.state == said_) {
    said_early_ = true;
    return "the certificate of " + self_->name() + " expires at " + to_rfc3339(*found.until) +
           "; that is in less than 60 days";
  }
  said_early_ = early || found.state != certificate_state::valid;
  if (found.state == said_ && (found.state == certificate_state::valid || !again)) return {};
  said_ = found.state;
  said_at_ = at;
  if (found.state == certificate_state::valid)
    return "the certificate of " + self_->name() + " counts, until " + to_rfc3339(*found.until);
  auto what_to_do = "; make new keys with hublink keys, and start the node with them";
  if (found.state == certificate_state::ended)
    return "this node's certificate does not count any more, and nobody lets it in: " + found.problem +
           what_to_do;
  return "the certificate of " + self_->name() + " expires at " + to_rfc3339(*found.until) + what_to_do;
}

} // namespace hublink
