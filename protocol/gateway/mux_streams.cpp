#include "protocol/gateway/mux_streams.hpp"

#include <algorithm>
#include <utility>

namespace hublink {
namespace {

/// Sent without pauses: from here on others come first, until pauses have made up for half of it. One that
/// is merely held up now and then stays bulk.
constexpr std::uint32_t interactive_burst = 64 * 1024;
/// Makes up for a whole burst; a shorter pause for as much less.
constexpr std::chrono::microseconds burst_pause{100'000};
/// A window that is consumed by half within this time grows: its sender is waiting for credit, or would be.
constexpr std::chrono::milliseconds quickly{200};

} // namespace

void mux_stream::sent(std::size_t count) {
  credit -= static_cast<std::uint32_t>(count);
  burst = static_cast<std::uint32_t>(std::min<std::size_t>(burst + count, interactive_burst));
  if (burst == interactive_burst) is_bulk = true;
}

void mux_stream::resumed(clock::time_point now) {
  auto pause = std::min<clock::duration>(now - dry_at, burst_pause);
  burst -= std::min(burst, static_cast<std::uint32_t>(interactive_burst * pause / burst_pause));
  dry_at = now;
  if (burst <= interactive_burst / 2) is_bulk = false;
}

mux_streams::mux_streams(bool dialler, const mux_limits& limits, std::shared_ptr<mux_budget> shared,
                         clock::time_point now)
    : dialler_(dialler), limits_(limits), shared_(std::move(shared)), peers_(limits, now),
      growth_left_(limits.window_growth) {}

mux_streams::~mux_streams() {
  for (const auto& [id, stream] : streams_) shared_->left += stream.window - limits_.window;
}

bool mux_streams::take_peers_number(mux_id id) {
  if (id == 0 || is_own(id) || id <= last_peer_) return false;
  last_peer_ = id;
  return true;
}

mux_stream& mux_streams::add(mux_id id, std::uint32_t credit, clock::time_point now) {
  auto& stream = streams_[id];
  stream.credit = credit;
  stream.window = stream.promised = limits_.window;
  stream.promised_at = now;
  return stream;
}

mux_stream& mux_streams::open(mux_id id, std::uint32_t credit, clock::time_point now) {
  ++own_;
  auto& stream = add(id, credit, now);
  stream.opening = true;
  return stream;
}

void mux_streams::accept(mux_id id, const mux_target& target, std::uint32_t credit, clock::time_point now) {
  peers_.asked(id, target);
  add(id, credit, now).asked = true;
}

void mux_streams::answered(mux_id id) {
  if (auto* stream = find(id)) stream->asked = false;
  peers_.answered(id);
}

void mux_streams::remove(mux_id id) {
  auto found = streams_.find(id);
  auto& stream = found->second;
  answered(id);
  growth_left_ += stream.window - limits_.window;
  shared_->left += stream.window - limits_.window;
  if (is_own(id))
    --own_;
  else
    peers_.ended();
  streams_.erase(found);
}

void mux_streams::settle(mux_id id) {
  auto* stream = find(id);
  if (stream && stream->out_done && (stream->in_done || stream->in_stopped)) remove(id);
}

void mux_streams::consumed(mux_id id, std::size_t count, clock::time_point now) {
  auto* stream = find(id);
  if (!stream || stream->in_done || stream->in_stopped) return;
  stream->owed += static_cast<std::uint32_t>(count);
  if (stream->owed < stream->window / 2 || stream->credit_due) return;
  if (now - stream->promised_at < quickly) grow(*stream);
  stream->credit_due = true;
  credits_due_.push_back(id);
}

void mux_streams::grow(mux_stream& stream) {
  auto more = std::min(stream.window, limits_.most_window - std::min(stream.window, limits_.most_window));
  if (more == 0 || more > growth_left_ || more > shared_->left) return;
  growth_left_ -= more;
  shared_->left -= more;
  stream.window += more;
  stream.owed += more;
}

} // namespace hublink
