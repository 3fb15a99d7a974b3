#include "node/gateway/waiting_streams.hpp"
#include "actors/gateway/gateway_policy.hpp"
#include "node/socket/own_address.hpp"

namespace hublink {

void waiting_streams::end_refused(const definition& self) {
  std::vector<std::shared_ptr<gateway_stream>> refused;
  for (auto& [peer, line] : by_peer_)
    std::erase_if(line, [&](const entry& waiting) {
      if (is_still_let_through(self, waiting.stream->way, is_own_address)) return false;
      refused.push_back(waiting.stream);
      return true;
    });
  auto no = refusal::not_let_through();
  for (const auto& stream : refused) stream->answered(&no); // who is told may ask again
}

} // namespace hublink
