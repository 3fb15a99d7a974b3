#include "node/gateway/stream_book.hpp"

#include <spdlog/spdlog.h>

namespace hublink {

namespace {
constexpr std::size_t most_closed = 10'000;
constexpr fair_share::amount times_left = 15;

std::string host_of(std::string_view where) { return std::string{where.substr(0, where.rfind(':'))}; }
} // namespace

std::int64_t unix_ms() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

bool stream_book::has_room(const std::string& peer, const endpoint& application, int most) {
  auto& share = called_.try_emplace(peer, fair_share::amount(most), times_left).first->second;
  share.resize(fair_share::amount(most));
  return share.may_take(host_of(to_string(application)), 1);
}

void stream_book::count(const stream_report& what, bool more) {
  auto share = called_.find(what.peer);
  if (!what.calling || what.udp || share == called_.end()) return;
  if (more)
    share->second.add(host_of(what.from), 1);
  else
    share->second.give_back(host_of(what.from), 1);
}

stream_book::record stream_book::begin(stream_report what) {
  what.number = ++last_;
  what.opened_ms = unix_ms();
  auto made = std::make_shared<stream_report>(std::move(what));
  open_.emplace(made->number, made);
  count(*made, true);
  connections_ += !made->udp;
  return made;
}

void stream_book::end(const record& what, std::string result, std::string reason) {
  if (open_.erase(what->number) == 0) return;
  count(*what, false);
  what->state = "closed";
  what->result = std::move(result);
  what->reason = std::move(reason);
  what->ended_ms = unix_ms();
  closed_.push_back({what, std::chrono::steady_clock::now()});
  forget_old();
  if (!what->udp && --connections_ == 0) idle_();
}

void stream_book::when_idle(std::function<void()> idle) {
  idle_ = std::move(idle);
  if (connections_ == 0) idle_();
}

void stream_book::refused(const std::string& gateway, const std::string& peer, const std::string& from,
                          const std::string& to, const mux_refusal& why) {
  ++refused_[std::string(to_string(why.reason))];
  auto now = std::chrono::steady_clock::now();
  if (said_.due() && *said_.due() <= now)
    for (const auto& more : said_.take())
      spdlog::info("gateway {} refused {} times more", more.kind, more.count);
  if (said_.note(gateway + ": " + std::string{to_string(why.reason)}, now))
    spdlog::info("gateway {}: {} -> {} ({}) refused: {}: {}", gateway, from, to, peer, to_string(why.reason),
                 why.text);
}

void stream_book::dropped(std::string_view why, std::uint64_t count) { refused_[std::string(why)] += count; }

std::size_t stream_book::open_of(const std::string& gateway, bool calling) const {
  return static_cast<std::size_t>(std::ranges::count_if(open_, [&](const auto& row) {
    return row.second->gateway == gateway && row.second->calling == calling;
  }));
}

void stream_book::fill(gateway_report& report) {
  forget_old();
  for (const auto& [number, stream] : open_) report.streams.push_back(*stream);
  std::ranges::sort(report.streams, {}, &stream_report::number);
  for (const auto& stream : closed_) report.closed.push_back(*stream.what);
  report.refused = refused_;
}

void stream_book::forget_old() {
  auto oldest = std::chrono::steady_clock::now() - history_;
  while (!closed_.empty() && (closed_.size() > most_closed || closed_.front().since < oldest))
    closed_.pop_front();
}

} // namespace hublink
