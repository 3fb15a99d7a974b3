#pragma once
/// What a node's log says of one link: a peer can come and go as often as it likes, so repeats are summed up.
#include "actors/ports/environment.hpp"
#include "protocol/base/repeat_tally.hpp"

#include <string>
#include <utility>

namespace hublink {

class link_log {
 public:
  void begin(environment_ptr env, std::string peer) {
    env_ = std::move(env);
    peer_ = std::move(peer);
  }
  void write(log_level level, std::string what, repeat_tally::time now) {
    if (said_.due() && *said_.due() <= now)
      for (const auto& more : said_.take())
        env_->log.write({level, std::to_string(more.count) + " times more: " + more.kind, peer_});
    if (said_.note(what, now)) env_->log.write({level, std::move(what), peer_});
  }

 private:
  environment_ptr env_;
  std::string peer_;
  repeat_tally said_;
};

} // namespace hublink
