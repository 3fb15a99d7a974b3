#pragma once
/// Events as a browser reads them (server-sent events), out of a ring: a reader has a position there and
/// nothing else, so one who stalls keeps nothing but that. Of the server's thread.
#include "node/events/event_ring.hpp"
#include "node/web/web_exchange.hpp"
#include "node/web/web_thread.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace hublink {

struct event_reader {
  std::shared_ptr<event_ring> ring;
  std::uint64_t position = 0;
  bool lost_place = false; ///< what he had read was another ring's: how much he missed is not known
  event_filter wanted{};
  std::string
      only_transfer{};       ///< beside what the ring leaves out; what ends a feed is shown whatever it says
  std::function<bool()> may; ///< looked at before anything is shown
  std::uint64_t joined = 0;  ///< where the ring's end was then: which feed began or ended before is past
  std::string first{};       ///< said at the start, as `sse_event` makes it
  std::shared_ptr<void> feed{}; ///< lives as long as it is read
};

std::shared_ptr<web_source> make_event_source(asio::io_context& context, web_thread thread,
                                              event_reader reader);

/// Where `id` (a field `Last-Event-ID`) says that a reader was; else from now on, or from the oldest one.
void place_reader(event_reader& reader, std::string_view id, bool from_oldest);

/// One message. Empty: no name, no id. `data`: one line.
std::string sse_event(std::string_view name, std::string_view id, std::string_view data);

/// Marks a line of a ring that is no event but ends who reads it, and says why.
inline constexpr std::string_view feed_over = "{\"feed\":\"ended\",";
/// Or says whom the feed follows.
inline constexpr std::string_view feed_begun = "{\"feed\":\"following\",";

} // namespace hublink
