#include "actors/broadcast/receiver_ways.hpp"

#include "actors/routing/alternatives.hpp"
#include "actors/routing/branching.hpp"
#include "actors/transfer/retry.hpp"

#include <algorithm>

namespace hublink {

void receiver_ways::add(const std::string& name, std::vector<hop_choice> hops, const beginning& how,
                        clock::time_point now) {
  receiver made;
  made.hops = std::move(hops);
  made.tried = how.tried;
  made.round = how.round;
  made.due = now;
  made.deadline = now + terms_.budget;
  made.begun = how.begun;
  auto is_tried = [&](const hop_choice& each) { return made.tried.count(each.hop.hop) != 0; };
  if (std::all_of(made.hops.begin(), made.hops.end(), is_tried)) made.tried.clear();
  receivers_.insert_or_assign(name, std::move(made));
}

receiver_ways::turn receiver_ways::take_due(clock::time_point now, const silence& is_silent) {
  turn made;
  std::vector<std::vector<hop_choice>> alone;
  for (auto& [name, who] : receivers_) {
    if (who.course != 0 || who.due > now) continue;
    const auto& next = next_hop(who, is_silent);
    if (!joins(next, made.renew)) alone.push_back({next});
  }
  for (auto& together : share_hops(std::move(alone))) {
    course begun;
    begun.number = ++last_number_;
    begun.way = std::move(together.front());
    set_out(begun, now);
    made.begin.push_back(std::move(begun));
  }
  return made;
}

// Who is told no names is a receiver, and nobody else's way.
bool receiver_ways::joins(const hop_choice& next, std::vector<std::uint64_t>& renew) {
  if (next.hop.tell.empty()) return false;
  for (auto& [number, running] : courses_) {
    if (running.hop != next.hop.hop || running.join == joining::no) continue;
    if (running.join == joining::open) renew.push_back(number);
    running.join = joining::asked;
    return true;
  }
  return false;
}

void receiver_ways::keep(const course_kept& which) {
  if (auto found = courses_.find(which.number); found != courses_.end()) found->second.join = joining::no;
}

// Searches that go on together are one from then on: a new one, where they were not.
void receiver_ways::set_out(course& made, clock::time_point now) {
  const auto names = hosts_of(made.way);
  const auto& hop = made.way.hop.hop;
  made.round = receivers_.at(names.front()).round;
  auto same = [&](const std::string& name) { return receivers_.at(name).round == made.round; };
  if (!std::all_of(names.begin(), names.end(), same)) made.round = terms_.new_round();
  std::chrono::nanoseconds budget = terms_.budget;
  for (const auto& name : names) {
    auto& who = receivers_.at(name);
    who.round = made.round;
    who.course = made.number;
    who.hop = hop;
    budget = std::min(budget, share_of(who.deadline - now, has_another(who, hop)));
  }
  made.budget = std::chrono::duration_cast<std::chrono::milliseconds>(budget);
  courses_.emplace(made.number, running_course{hop});
}

std::optional<receiver_ways::clock::time_point> receiver_ways::next_turn(clock::time_point now) const {
  std::optional<clock::time_point> first;
  for (const auto& [name, who] : receivers_)
    if (who.course == 0 && who.due > now && (!first || who.due < *first)) first = who.due;
  return first;
}

// That point had a search of its own: this one has its whole time again.
std::optional<failure> receiver_ways::pass_over(const std::string& name, failure why, clock::time_point now) {
  auto found = receivers_.find(name);
  if (found == receivers_.end() || found->second.course == 0) return {};
  found->second.deadline = now + terms_.budget;
  auto given_up = try_next(found->second, std::move(why), now);
  if (given_up) receivers_.erase(found);
  return given_up;
}

receiver_ways::failures receiver_ways::end(const course_end& how,
                                           const std::function<bool(const std::string&)>& is_settled,
                                           clock::time_point now) {
  failures given_up;
  courses_.erase(how.number);
  for (auto at = receivers_.begin(); at != receivers_.end();) {
    auto& [name, who] = *at;
    if (who.course != how.number) {
      ++at;
      continue;
    }
    std::optional<failure> no;
    const bool settled = is_settled(name);
    if (!settled) {
      if (how.bytes > who.bytes) who.in_a_row = 0;
      who.bytes = std::max(who.bytes, how.bytes);
      who.begun = who.begun || how.stood;
      no = how.renews  ? wait(who, now)
           : how.stood ? search_again(who, how.why, now)
                       : try_next(who, how.why, now);
    }
    if (no) given_up.emplace(name, std::move(*no));
    at = settled || no ? receivers_.erase(at) : std::next(at);
  }
  return given_up;
}

std::optional<failure> receiver_ways::wait(receiver& who, clock::time_point due) {
  who.course = 0;
  who.due = due;
  return {};
}

const hop_choice& receiver_ways::next_hop(const receiver& who, const silence& is_silent) const {
  const hop_choice* silent = nullptr;
  for (const auto& each : who.hops) {
    if (who.tried.count(each.hop.hop)) continue;
    if (!is_silent(each.hop.hop)) return each;
    if (!silent) silent = &each;
  }
  return silent ? *silent : who.hops.front();
}

bool receiver_ways::has_another(const receiver& who, const std::string& hop) const {
  return std::any_of(who.hops.begin(), who.hops.end(), [&](const hop_choice& each) {
    return each.hop.hop != hop && !who.tried.count(each.hop.hop);
  });
}

std::optional<failure> receiver_ways::try_next(receiver& who, failure why, clock::time_point now) {
  if (!may_work_elsewhere(why)) return search_again(who, std::move(why), now);
  if (!who.best_failed || says_less(*who.best_failed, why)) who.best_failed = why;
  const bool goes_on = has_another(who, who.hop) && now < who.deadline;
  who.tried.insert(who.hop);
  return goes_on ? wait(who, now) : search_again(who, *who.best_failed, now);
}

std::optional<failure> receiver_ways::search_again(receiver& who, failure why, clock::time_point now) {
  // What is left of the circuit before may still be there.
  if (why.code == errc::loop && who.begun) why.code = errc::hop_down;
  const auto pause = pause_before_next({}, {why, who.begun, ++who.in_a_row});
  if (!pause) return why;
  who.deadline = now + *pause + terms_.budget;
  who.tried.clear();
  who.best_failed.reset();
  who.round = terms_.new_round();
  return wait(who, now + *pause);
}

} // namespace hublink
