#include "node/spans/span_exporter.hpp"
#include "actors/base/fallen_actors.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <pthread.h>

namespace hublink {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_events = 16'384, most_waiting = 16'384, most_at_once = 512;
constexpr std::chrono::milliseconds gathered_for = 500ms, settled_every = 1s, last_words = 1s;
constexpr std::chrono::milliseconds first_pause = 1s, longest_pause = 30s;

std::chrono::milliseconds pause_after(int failed) {
  return std::min(longest_pause, first_pause * (1 << std::min(failed - 1, 5)));
}

/// Others would be refused again.
bool may_be_taken_later(long status) {
  return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
}

} // namespace

outcome<std::unique_ptr<span_exporter>> span_exporter::make(const span_collector& to, span_origin by,
                                                            counter counted) {
  auto line = collector_line::make(to);
  if (!line) return line.error();
  return std::unique_ptr<span_exporter>{
      new span_exporter(to, std::move(by), std::move(counted), std::move(*line))};
}

span_exporter::span_exporter(const span_collector& to, span_origin by, counter counted,
                             std::unique_ptr<collector_line> line)
    : endpoint_(to.endpoint), by_(std::move(by)), counted_(std::move(counted)), line_(std::move(line)),
      thread_([this] { run(); }) {}

span_exporter::~span_exporter() {
  ending_ = true;
  line_->wake();
  thread_.join();
}

void span_exporter::note(const transfer_id& transfer, const event::any& what, span::time at) {
  if (transfer.empty()) return;
  bool was_empty = false;
  {
    std::lock_guard guard{lock_};
    if (events_.size() >= most_events) {
      ++lost_events_;
      return;
    }
    was_empty = events_.empty();
    events_.push_back({transfer, what, at});
  }
  if (was_empty) line_->wake();
}

void span_exporter::run() {
  ::pthread_setname_np(::pthread_self(), "hublink-spans");
  try {
    while (clock::now() < end_at_) {
      if (ending_ && end_at_ == clock::time_point::max()) end_at_ = clock::now() + last_words;
      build();
      send_some();
      if (ending_ && !line_->is_busy() && (waiting_.empty() || failed_ > 0)) break;
      if (auto answer = line_->work(longest_wait())) take(*answer);
    }
  } catch (...) {
    fallen_actors::of_process().note("hublink-spans", std::current_exception());
  }
}

/// Until there is something to do without being woken.
std::chrono::milliseconds span_exporter::longest_wait() const {
  auto until = std::min(settle_at_, end_at_);
  if (!line_->is_busy() && (!waiting_.empty() || !sending_.empty())) until = std::min(until, send_at_);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
  return std::clamp<std::chrono::milliseconds>(left, 1ms, 1s);
}

void span_exporter::build() {
  std::vector<noted> events;
  std::uint64_t lost = 0;
  {
    std::lock_guard guard{lock_};
    events.swap(events_);
    lost = std::exchange(lost_events_, 0);
  }
  for (const auto& each : events) builder_.note(each.transfer, each.what, each.at);
  const auto now = clock::now();
  if (now >= settle_at_) {
    builder_.settle(std::chrono::system_clock::now());
    settle_at_ = now + settled_every;
  }
  const bool were_none = waiting_.empty() && sending_.empty();
  auto made = builder_.take();
  const auto room = most_waiting - std::min(most_waiting, waiting_.size());
  if (made.size() > room) {
    lost += made.size() - room;
    made.resize(room);
  }
  lost += builder_.take_forgotten();
  std::move(made.begin(), made.end(), std::back_inserter(waiting_));
  if (lost > 0) drop(lost, "there are more than can wait");
  if (were_none && !waiting_.empty() && failed_ == 0) send_at_ = now + gathered_for;
}

void span_exporter::send_some() {
  const bool due = clock::now() >= send_at_ || (failed_ == 0 && (ending_ || waiting_.size() >= most_at_once));
  if (line_->is_busy() || !due) return;
  if (sending_.empty()) {
    const auto end = waiting_.begin() + std::ptrdiff_t(std::min(most_at_once, waiting_.size()));
    std::move(waiting_.begin(), end, std::back_inserter(sending_));
    waiting_.erase(waiting_.begin(), end);
  }
  if (!sending_.empty()) line_->post(to_otlp_json(by_, sending_));
}

void span_exporter::take(const collector_answer& answer) {
  const bool taken = answer.status >= 200 && answer.status < 300;
  if (!taken) {
    complain(answer.status == 0 ? answer.why : "answers with status " + std::to_string(answer.status));
    ++failed_;
    send_at_ = clock::now() + pause_after(failed_);
    if (!may_be_taken_later(answer.status)) drop(std::exchange(sending_, {}).size(), "they are not taken");
    return;
  }
  const auto rejected = std::min<std::uint64_t>(rejected_spans(answer.body), sending_.size());
  counted_("sent", sending_.size() - rejected);
  sending_.clear();
  if (rejected > 0) drop(rejected, "they are not taken");
  failed_ = 0;
  if (rejected == 0 && waiting_.size() < most_at_once && std::exchange(complained_, false))
    spdlog::info("traces: {} takes spans again; {} were dropped", endpoint_, std::exchange(dropped_, 0));
  send_at_ = clock::now() + gathered_for;
}

void span_exporter::drop(std::uint64_t count, const char* what) {
  counted_("dropped", count);
  dropped_ += count;
  complain(std::string{"spans are dropped: "} + what);
}

/// Once, until it is well again.
void span_exporter::complain(const std::string& why) {
  if (std::exchange(complained_, true)) return;
  spdlog::warn(
      "traces: {}: {}; transfers go on, and what could not be sent is counted in hublink_spans_total",
      endpoint_, why);
}

} // namespace hublink
