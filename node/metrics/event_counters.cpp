#include "node/metrics/event_counters.hpp"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <deque>
#include <map>
#include <mutex>
#include <optional>

namespace hublink {

namespace {

using prometheus::BuildCounter;
using prometheus::BuildHistogram;
using labels = prometheus::Labels;

const prometheus::Histogram::BucketBoundaries set_up_bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                            0.25,  0.5,    1,     2.5,  5,     10};
const prometheus::Histogram::BucketBoundaries duration_bounds{0.1, 0.5, 1,   2.5,  5,     10,    30,
                                                              60,  300, 900, 3600, 14400, 43200, 86400};

double seconds_of(event_counters::clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

/// Of all its receivers.
std::string result_of(const event::sent& what) {
  std::size_t done = 0, pending = 0;
  for (const auto& [receiver, state] : what.receivers) {
    done += state == "done";
    pending += state == "pending";
  }
  if (done == what.receivers.size()) return "done";
  if (pending > 0) return "unconfirmed";
  return done > 0 ? "partial" : "failed";
}

std::string given_up_result(errc code) {
  return code == errc::cancelled || code == errc::superseded ? std::string{to_string(code)} : "failed";
}

/// Of an attempt to send from here.
const event::circuit_mark* attempt_in(const event::any& what) {
  auto* next = std::get_if<event::next>(&what);
  auto* refused = std::get_if<event::refused>(&what);
  auto* mark = next ? &next->of : refused ? &refused->of : nullptr;
  const bool begins = mark && mark->kind == circuit_kind::transfer && !mark->open_id.empty() &&
                      mark->came_by == mark->open_id;
  return begins ? mark : nullptr;
}

} // namespace

struct event_counters::families {
  prometheus::Registry registry{};
  prometheus::Family<prometheus::Counter>& told =
      BuildCounter()
          .Name("hublink_circuits_asked_total")
          .Help("Circuits that neighbours asked this node for, by kind.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& refused =
      BuildCounter()
          .Name("hublink_opens_refused_total")
          .Help("Circuits that could not be made, by the node that said no, and its code.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& closed =
      BuildCounter()
          .Name("hublink_circuits_total")
          .Help("Circuits of this node that are over, by result.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& carried =
      BuildCounter()
          .Name("hublink_circuit_bytes_total")
          .Help("Bytes of circuits that are over, sealing included, by direction: towards the destination, "
                "and back.")
          .Register(registry);
  prometheus::Histogram& set_up =
      BuildHistogram()
          .Name("hublink_circuit_setup_seconds")
          .Help("From looking for the next hop to the rest of the circuit being whole.")
          .Register(registry)
          .Add({}, set_up_bounds);
  prometheus::Family<prometheus::Counter>& ended =
      BuildCounter()
          .Name("hublink_transfers_ended_total")
          .Help("Transfers that are over, by this node's side, result, and the code of what went wrong.")
          .Register(registry);
  prometheus::Counter& attempts = BuildCounter()
                                      .Name("hublink_transfer_attempts_total")
                                      .Help("Attempts to send, further ones of the same transfer included.")
                                      .Register(registry)
                                      .Add({});
  prometheus::Family<prometheus::Counter>& content =
      BuildCounter()
          .Name("hublink_transfer_bytes_total")
          .Help("Content of transfers that are over, by this node's side.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& durations =
      BuildHistogram()
          .Name("hublink_transfer_duration_seconds")
          .Help("From the first step that this node took for a transfer to its end.")
          .Register(registry);
  prometheus::Histogram& commits = BuildHistogram()
                                       .Name("hublink_journal_commit_seconds")
                                       .Help("Commits of the journal: until what was said is on the disk.")
                                       .Register(registry)
                                       .Add({}, set_up_bounds);
  prometheus::Family<prometheus::Counter>& jobs = BuildCounter()
                                                      .Name("hublink_jobs_total")
                                                      .Help("Jobs of local.json that have ended.")
                                                      .Register(registry);
  prometheus::Family<prometheus::Counter>& logins =
      BuildCounter()
          .Name("hublink_logins_total")
          .Help("Answers of servers to logins at this manager, and sessions that were lost.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& definitions =
      BuildCounter()
          .Name("hublink_definitions_total")
          .Help("Definitions that came to this node, taken and refused.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& spans =
      BuildCounter()
          .Name("hublink_spans_total")
          .Help("Spans for the collector of local.json: sent to it, or dropped.")
          .Register(registry);
  prometheus::Counter& lost = BuildCounter()
                                  .Name("hublink_events_lost_total")
                                  .Help("Events that could not be written to the trace.")
                                  .Register(registry)
                                  .Add({});
};

/// When a transfer's first event was, and its last question for a hop. Of so many: the oldest go.
struct event_counters::starts {
  static constexpr std::size_t most = 20'000;
  struct entry {
    clock::time_point first, asked;
    std::string open_id{}; ///< of the last attempt that began here
  };

  entry& of(const transfer_id& transfer, clock::time_point now) {
    auto [found, is_new] = known.try_emplace(transfer, entry{now, now});
    if (is_new) by_age.push_back(transfer);
    if (by_age.size() > most) {
      known.erase(by_age.front());
      by_age.pop_front();
    }
    return found->second;
  }

  std::mutex lock;
  std::map<transfer_id, entry> known;
  std::deque<transfer_id> by_age;
};

event_counters::event_counters()
    : families_(std::make_unique<families>()), starts_(std::make_unique<starts>()) {}
event_counters::~event_counters() = default;

void event_counters::note(const transfer_id& transfer, const event::any& what, clock::time_point now) {
  auto& all = *families_;
  starts::entry since{now, now};
  if (!transfer.empty()) {
    std::lock_guard guard{starts_->lock};
    auto& kept = starts_->of(transfer, now);
    since = kept;
    if (std::holds_alternative<event::next>(what)) kept.asked = now;
    if (auto* mark = attempt_in(what); mark && kept.open_id != mark->open_id) {
      kept.open_id = mark->open_id;
      all.attempts.Increment();
    }
  }
  const auto end = [&](const char* side, const std::string& result, std::uint64_t bytes,
                       const std::optional<errc>& code) {
    labels of{{"side", side}, {"result", result}};
    if (code && result != "done") of.emplace("code", to_string(*code));
    all.ended.Add(of).Increment();
    all.content.Add({{"side", side}}).Increment(double(bytes));
    all.durations.Add({{"side", side}, {"result", result}}, duration_bounds)
        .Observe(seconds_of(now - since.first));
  };
  if (auto* told = std::get_if<event::told>(&what)) {
    all.told.Add({{"kind", std::string{to_string(told->kind)}}}).Increment();
  } else if (std::holds_alternative<event::opened>(what)) {
    all.set_up.Observe(seconds_of(now - since.asked));
  } else if (auto* refused = std::get_if<event::refused>(&what)) {
    labels of{{"by", refused->by}};
    if (refused->code) of.emplace("code", to_string(*refused->code));
    all.refused.Add(of).Increment(double(refused->count.value_or(1)));
  } else if (auto* closed = std::get_if<event::closed>(&what)) {
    all.closed.Add({{"result", closed->result}}).Increment();
    all.carried.Add({{"direction", "out"}}).Increment(double(closed->bytes));
    all.carried.Add({{"direction", "back"}}).Increment(double(closed->bytes_back));
    if (closed->given_up) end("receiver", given_up_result(*closed->given_up), 0, closed->given_up);
  } else if (auto* received = std::get_if<event::received>(&what)) {
    end("receiver", "done", received->bytes, {});
  } else if (auto* sent = std::get_if<event::sent>(&what)) {
    end("sender", result_of(*sent), sent->bytes, sent->code);
  } else if (auto* job = std::get_if<event::job>(&what)) {
    all.jobs.Add({{"job", job->job}, {"result", job->result}}).Increment();
  } else if (auto* login = std::get_if<event::login>(&what)) {
    all.logins.Add({{"result", login->reason ? "failed" : "in"}}).Increment();
  } else if (std::holds_alternative<event::session_lost>(what)) {
    all.logins.Add({{"result", "lost"}}).Increment();
  } else if (auto* definition = std::get_if<event::definition>(&what)) {
    all.definitions.Add({{"result", definition->reason ? "refused" : "taken"}}).Increment();
  }
}

void event_counters::note_lost(std::uint64_t count) { families_->lost.Increment(double(count)); }

void event_counters::note_commit(clock::duration took) { families_->commits.Observe(seconds_of(took)); }

void event_counters::note_spans(const char* result, std::uint64_t count) {
  families_->spans.Add({{"result", result}}).Increment(double(count));
}

std::vector<prometheus::MetricFamily> event_counters::collect() const {
  return families_->registry.Collect();
}

} // namespace hublink
