#include "node/accounts/login_standing.hpp"

#include <algorithm>

namespace hublink {

void login_standing::note_wrong(const std::string& manager, time now) {
  std::erase_if(forgiven_at_, [now](const auto& entry) { return entry.second <= now; });
  auto& until = forgiven_at_.try_emplace(manager, now).first->second;
  until = std::min<time>(until + each, now + longest);
}

bool login_standing::is_good(const std::string& manager, time now) const {
  auto found = forgiven_at_.find(manager);
  return found == forgiven_at_.end() || found->second <= now + allowed * each;
}

} // namespace hublink
