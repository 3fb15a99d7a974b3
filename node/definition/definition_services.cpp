#include "node/definition/definition_services.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace hublink {

// What another manager applied is newer than what this one did, if this one knows of it.
bytes definition_services::give_word(const std::string& network) {
  auto here = applied ? applied->now() : nullptr;
  auto heard = known.word();
  manager_word word;
  word.network = network;
  word.version = std::max({here ? here->version : 0, keeper.version(), heard ? heard->version : 0});
  word.list = std::max(lists.number(), heard ? heard->list : 0);
  word.time_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(wall_clock().time_since_epoch()).count();
  auto signed_word = sign_word(word, *id.now());
  if (auto kept = known.hear(signed_word, network); !kept)
    spdlog::warn("this manager's own word on what is newest does not count: {}", to_string(kept.error()));
  return signed_word;
}

} // namespace hublink
