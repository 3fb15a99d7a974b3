#include "protocol/circuit/line_rate.hpp"

#include <algorithm>
#include <array>

namespace hublink {
namespace {

using std::chrono::microseconds;

constexpr std::array<std::string_view, 9> limit_names{"line",        "loss",       "receive-window",
                                                      "send-buffer", "receiver",   "receiver-cpu",
                                                      "sender",      "sender-cpu", "rate-limit"};

/// Of the time, for a connection to find out how much the line takes.
constexpr int begin_part = 5;
constexpr microseconds look_every{20'000};
constexpr std::size_t least_unsent = 128 * 1024, most_unsent = 64 * 1024 * 1024;
constexpr std::uint32_t core_is_used_up = 85; ///< percent
/// Nearer than that a full line and a core that is used up look the same.
constexpr microseconds far_apart{2'000};
/// More than a congestion control loses by finding out how much the line takes (docs/internals/line.md).
constexpr std::uint64_t lossy_ppm = 200;
constexpr std::uint64_t million = 1'000'000;

std::uint64_t per_million(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : part * million / whole;
}

bool goes_by_rate(const std::string& congestion) { return congestion.starts_with("bbr"); }

std::string mib(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

} // namespace

std::string_view to_string(line_limit value) { return limit_names.at(static_cast<std::size_t>(value)); }

void load_watch::begin(const line_facts& first) { first_ = first; }

void load_watch::note(const line_facts& now) {
  if (!risen_ && now.now - first_.now >= time_ / begin_part) risen_ = now;
  if (!risen_ || now.now - sampled_ < look_every) return;
  sampled_ = now.now;
  ++looks_;
  round_trips_ += now.round_trip;
  // As congestion_choice has it.
  if (now.round_trip > now.least_round_trip * 23 / 20 + microseconds{1'000}) ++queued_;
}

std::size_t load_watch::unsent() const {
  if (!risen_) return least_unsent;
  auto per_second = since(first_, *risen_).bytes * million /
                    std::max<std::uint64_t>(1, std::uint64_t((risen_->now - first_.now).count()));
  return std::clamp<std::size_t>(per_second / 20, least_unsent, most_unsent);
}

load_watch::sums load_watch::since(const line_facts& before, const line_facts& last) const {
  const auto again = last.retransmitted - before.retransmitted;
  return {last.now - before.now, last.bytes_out - before.bytes_out,
          again - std::min(again, last.needless - before.needless), last.segments_out - before.segments_out};
}

bool load_watch::is_queued() const { return queued_ * 2 > looks_; }

line_rate load_watch::result(const std::string& from, const line_facts& last, const line_taken& taken) const {
  const auto whole = since(first_, last), behind = since(risen_.value_or(first_), last);
  const auto& rate_of = behind.time.count() > 0 && behind.bytes > 0 ? behind : whole;
  line_rate of;
  of.from = from;
  of.to = taken.node;
  of.micros = std::uint64_t(whole.time.count());
  of.bytes = taken.bytes;
  if (rate_of.time.count() > 0)
    of.bits_per_s = std::uint64_t(double(rate_of.bytes) * 8e6 / double(rate_of.time.count()));
  of.round_trip_micros =
      std::uint64_t((looks_ > 0 ? round_trips_ / std::int64_t(looks_) : last.round_trip).count());
  of.least_round_trip_micros = std::uint64_t(last.least_round_trip.count());
  of.segments_out = whole.segments;
  of.retransmitted = last.retransmitted - first_.retransmitted;
  of.lost_ppm = per_million(rate_of.lost, rate_of.segments);
  of.window = last.window;
  of.peer_window = last.peer_window;
  of.send_most = last.send_most;
  of.receive_most = taken.receive_most;
  if (whole.time.count() > 0)
    of.sender_cpu_percent = std::uint32_t(100 * (last.cpu - first_.cpu) / whole.time);
  of.receiver_cpu_percent = taken.cpu_percent;
  of.congestion = last.congestion;
  of.limited_by = to_string(limit(of, last));
  return of;
}

line_limit load_watch::limit(const line_rate& of, const line_facts& last) const {
  const auto time = last.now - first_.now;
  const bool by_peer = (last.by_peer - first_.by_peer) * 2 >= time;
  const bool by_buffer = (last.by_buffer - first_.by_buffer) * 2 >= time;
  const bool sender_busy = of.sender_cpu_percent >= core_is_used_up;
  const bool receiver_busy = of.receiver_cpu_percent >= core_is_used_up;
  if (last.rate_limit > 0 && of.bits_per_s >= last.rate_limit * 8 / 10 * 9) return line_limit::rate_limit;
  if (by_peer && of.receive_most > 0 && of.peer_window >= of.receive_most / 5 * 2)
    return line_limit::receive_window;
  if (by_peer) return receiver_busy ? line_limit::receiver_cpu : line_limit::receiver;
  if (by_buffer && last.send_most > 0 && last.window >= last.send_most / 2) return line_limit::send_buffer;
  if (by_buffer || (last.busy - first_.busy) * 5 < time * 4)
    return sender_busy ? line_limit::sender_cpu : line_limit::sender;
  if (last.least_round_trip < far_apart && (sender_busy || receiver_busy))
    return of.sender_cpu_percent >= of.receiver_cpu_percent ? line_limit::sender_cpu
                                                            : line_limit::receiver_cpu;
  const bool loses = of.lost_ppm >= lossy_ppm && !is_queued();
  return loses && !goes_by_rate(of.congestion) ? line_limit::loss : line_limit::line;
}

// As kernels reckon: of a buffer for sending some is for their own data, of one for receiving at most half is
// a window until it has seen how large the packets are.
std::uint64_t most_window(const line_rate& of) {
  if (of.send_most == 0 || of.receive_most == 0) return 0;
  return std::min(of.send_most / 4 * 3, of.receive_most / 2);
}

std::uint64_t most_rate_of_windows(const line_rate& of) {
  if (of.least_round_trip_micros < std::uint64_t(far_apart.count())) return 0;
  const double rate = double(most_window(of)) * 8e6 / double(of.least_round_trip_micros);
  return std::uint64_t(std::min(rate, 1e15)); // a peer says what it likes
}

std::string advice_on(const line_rate& of) {
  const auto is = [&of](line_limit limit) { return of.limited_by == to_string(limit); };
  if (is(line_limit::loss))
    return "\"congestion\": \"bbr\" for this line, which loses packets without being full";
  if (is(line_limit::receive_window))
    return "at " + of.to + ": sysctl net.ipv4.tcp_rmem=\"4096 131072 67108864\" (now up to " +
           mib(of.receive_most) + ")";
  if (is(line_limit::send_buffer))
    return "at " + of.from + ": sysctl net.ipv4.tcp_wmem=\"4096 65536 67108864\" (now up to " +
           mib(of.send_most) + ")";
  if (is(line_limit::receiver_cpu)) return "a faster or a free core at " + of.to;
  if (is(line_limit::sender_cpu)) return "a faster or a free core at " + of.from;
  if (is(line_limit::rate_limit)) return "hublink rate, or limits.rate, at " + of.from;
  if (is(line_limit::receiver)) return "see what keeps " + of.to + " busy";
  if (is(line_limit::sender)) return "see what keeps " + of.from + " busy";
  return {};
}

} // namespace hublink
