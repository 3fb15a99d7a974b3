#include "actors/link/twin_watch.hpp"

#include <algorithm>
#include <utility>

namespace hublink {

namespace {
constexpr std::size_t most_incarnations = 16;
}

std::string twin_watch::notice(const std::string& peer) {
  return "two processes are called " + peer +
         ", as after a machine was copied with its keys; the later one "
         "is refused until the other one is gone";
}

std::string twin_watch::refusal(const std::string& peer) {
  return "another " + peer +
         " is here and lives, so this one is refused until that one is gone; a copied "
         "machine needs a name and keys of its own";
}

std::optional<link_id> twin_watch::hold(const link_up& up, clock::time_point now) {
  auto before = std::exchange(newcomer_, newcomer{up, now});
  return before ? std::optional{before->up.id} : std::nullopt;
}

bool twin_watch::note_link(std::uint64_t incarnation, clock::time_point now) {
  if (!incarnations_.empty() && incarnations_.back() == incarnation) return false;
  bool again = std::erase(incarnations_, incarnation) > 0;
  incarnations_.push_back(incarnation);
  if (incarnations_.size() > most_incarnations) incarnations_.pop_front();
  if (again) seen_ = now;
  return again;
}

} // namespace hublink
