#include "node/trust/certificate_watch.hpp"
#include "protocol/trust/next_look.hpp"

namespace hublink {

void certificate_watch::look() {
  if (auto line = watched_.news()) write_(*line);
  timer_.expires_after(longest_look);
  timer_.async_wait([this](std::error_code cancelled) {
    if (!cancelled) look();
  });
}

} // namespace hublink
