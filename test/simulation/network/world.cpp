#include "simulation/network/world.hpp"

#include <algorithm>
#include <optional>

namespace hublink::sim {

world::config::config() {
  add_message_types<caf::id_block::hublink>();
  set("scheduler.policy", caf::atom("testing"));
}

world::world(std::uint64_t seed, bool keep_trace)
    : system_(config_), scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
      begin_(scheduler_.clock().now()), random_(seed), keys_(seed), keep_trace_(keep_trace) {}

world::~world() {
  forget_events();
  settle();
}

duration world::now() const { return scheduler_.clock().now() - begin_; }

std::chrono::system_clock::time_point world::wall_clock() const {
  return first_morning + std::chrono::duration_cast<std::chrono::system_clock::duration>(now());
}

std::int64_t world::steady_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(wall_clock().time_since_epoch()).count();
}

void world::after(duration delay, std::function<void()> what) {
  events_.emplace(std::pair{now() + std::max(delay, duration{0}), planned_++}, std::move(what));
}

duration world::between(duration least, duration most) {
  return least + duration(below(std::uint64_t((most - least).count()) + 1));
}

bool world::step() {
  if (scheduler_.has_job()) return run_job(), true;
  std::optional<duration> next;
  if (!events_.empty()) next = events_.begin()->first.first;
  if (const auto& timers = scheduler_.clock().schedule(); !timers.empty()) {
    auto timer = timers.begin()->first - begin_;
    next = next ? std::min(*next, timer) : timer;
  }
  if (!next) return false;
  step_to(*next);
  return true;
}

void world::run_job() {
  auto& jobs = scheduler_.jobs;
  std::swap(jobs.front(), jobs[below(jobs.size())]);
  scheduler_.run_once();
}

void world::step_to(duration moment) {
  if (moment > now()) {
    scheduler_.advance_time(moment - now());
    return; // its timers first: the next step takes its events
  }
  if (!events_.empty() && events_.begin()->first.first <= moment)
    run_event();
  else
    scheduler_.advance_time(duration{0});
}

void world::run_event() {
  auto what = std::move(events_.begin()->second);
  events_.erase(events_.begin());
  what();
}

bool world::run_until(const std::function<bool()>& holds, duration limit) {
  auto end = now() + limit;
  while (!holds()) {
    if (now() > end || !step()) return false;
  }
  return true;
}

void world::run_for(duration time) {
  auto over = std::make_shared<bool>(false);
  after(time, [over] { *over = true; });
  while (!*over) step();
}

void world::settle() {
  while (scheduler_.has_job()) run_job();
}

void world::note(std::string_view node, std::string_view what) {
  auto line = std::to_string(now().count() / 1000);
  line.reserve(line.size() + node.size() + what.size() + 2);
  line.append(" ").append(node).append(" ").append(what);
  for (unsigned char c : line) hash_ = (hash_ ^ c) * 1099511628211u;
  if (keep_trace_) trace_.push_back(std::move(line));
}

} // namespace hublink::sim
