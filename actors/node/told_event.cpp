#include "actors/node/told_event.hpp"
#include "actors/circuit/near_side.hpp"

namespace hublink {

namespace {

/// What a peer can make as long as it likes, as far as it fits an event.
std::vector<std::string> shown(const std::vector<std::string>& names) {
  constexpr std::size_t most_bytes = 4096;
  std::vector<std::string> first;
  std::size_t bytes = 0;
  for (const auto& name : names) {
    if ((bytes += name.size() + 3) > most_bytes) {
      first.push_back("and " + std::to_string(names.size() - first.size()) + " more");
      break;
    }
    first.push_back(name);
  }
  return first;
}

} // namespace

event::told told_event(const open& request, const std::string& peer) {
  event::told what;
  what.kind = request.kind;
  what.from = peer;
  what.file = request.file;
  what.destination = shown(request.destination);
  what.source = request.source;
  what.only = shown(request.only);
  what.attempt = request.attempt;
  what.of = mark_of(request);
  return what;
}

} // namespace hublink
