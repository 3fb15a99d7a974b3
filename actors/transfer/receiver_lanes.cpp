#include "actors/transfer/receiver_lanes.hpp"

#include <algorithm>

namespace hublink {

namespace {

using std::chrono::milliseconds;

/// Between two probes of a lane, however many come to it or wake it.
constexpr milliseconds least_pause{1'000};
constexpr milliseconds no_pause{0};

} // namespace

template <class Work>
void receiver_lanes::change_line(const std::string& file, time now, Work work) {
  auto& of = lines_[file];
  std::string before, after;
  auto place_head = [&](std::string& lane, auto change) {
    if (of.taken || of.waiting.empty()) return;
    const auto& who = members_.at(*of.waiting.begin());
    lane = who.send.lane;
    change(lanes_.at(lane).groups.at(who.pause).heads,
           place{-who.send.priority, who.send.tried, who.send.transfer});
  };
  place_head(before, [](auto& heads, const place& head) { heads.erase(head); });
  work(of);
  place_head(after, [](auto& heads, const place& head) { heads.insert(head); });
  if (!of.taken && of.waiting.empty()) lines_.erase(file);
  if (!before.empty()) place_lane(before, now);
  if (!after.empty()) place_lane(after, now);
}

void receiver_lanes::join(member& who, milliseconds pause, time due) {
  auto& of = lanes_.at(who.send.lane);
  auto [found, is_new] = of.groups.try_emplace(pause);
  auto& group = found->second;
  who.pause = pause;
  if (pause == no_pause) {
    if (is_new) group.due = of.last_failure + least_pause;
    who.key = ++steps_;
  } else {
    if (is_new) group.due = due;
    // Where the others' probe comes before its own pause is over, that one does not count for it.
    who.counted_from = group.failures + (group.due < due ? 1 : 0);
    who.key = who.counted_from + std::uint64_t(std::max(0, who.send.outlasts - who.counted)) + 1;
  }
  group.ends.emplace(who.key, who.send.transfer);
}

void receiver_lanes::leave(const member& who) {
  auto& groups = lanes_.at(who.send.lane).groups;
  auto found = groups.find(who.pause);
  found->second.ends.erase({who.key, who.send.transfer});
  if (found->second.ends.empty()) groups.erase(found);
}

void receiver_lanes::set_places(std::size_t places) {
  if (places == places_) return;
  places_ = std::max<std::size_t>(1, places);
  for (const auto& [name, of] : lanes_) place_lane(name, of.last_failure);
}

void receiver_lanes::add(const waiting_send& send, time now) {
  if (members_.count(send.transfer) || attempts_.count(send.transfer)) return;
  auto& of = lanes_[send.lane];
  ++of.waiting;
  auto& who = members_.emplace(send.transfer, member{send}).first->second;
  auto pause = send.tried ? std::max(send.pause, milliseconds{1}) : no_pause;
  join(who, pause, of.state == lane_state::in_doubt ? now + pause : now);
  change_line(send.file, now, [&](line& of_file) { of_file.waiting.insert(send.transfer); });
  place_lane(send.lane, now);
}

void receiver_lanes::remove(const transfer_id& transfer) {
  auto found = members_.find(transfer);
  if (found == members_.end()) return;
  auto name = found->second.send.lane;
  auto& of = lanes_.at(name);
  change_line(found->second.send.file, of.last_failure, [&](line& of_file) {
    of_file.waiting.erase(transfer);
    leave(found->second);
  });
  members_.erase(found);
  --of.waiting;
  place_lane(name, of.last_failure);
  forget_if_empty(name);
}

std::optional<transfer_id> receiver_lanes::next(time now) {
  while (!due_.empty() && due_.begin()->first <= now) place_lane(std::string{due_.begin()->second}, now);
  const bool may_doubt = uncertain_ones_ < std::max<std::size_t>(1, places_ / 2);
  const auto* best = certain_.empty() ? nullptr : &certain_.begin()->first;
  if (may_doubt && !uncertain_.empty() && (!best || uncertain_.begin()->first < *best))
    best = &uncertain_.begin()->first;
  if (!best) return {};
  return std::get<transfer_id>(*best);
}

int receiver_lanes::start(const transfer_id& transfer, time now) {
  auto found = members_.find(transfer);
  auto who = std::move(found->second);
  auto& of = lanes_.at(who.send.lane);
  auto counted = who.counted;
  if (who.pause != no_pause) {
    auto failures = of.groups.at(who.pause).failures;
    if (failures > who.counted_from) counted += int(failures - who.counted_from);
  }
  found->second = who;
  change_line(who.send.file, now, [&](line& of_file) {
    of_file.waiting.erase(transfer);
    of_file.taken = true;
    leave(who);
  });
  members_.erase(found);
  --of.waiting;
  ++of.under_way;
  bool uncertain = of.state != lane_state::heard;
  if (uncertain) ++uncertain_ones_;
  attempts_.emplace(transfer, attempt{who.send.lane, who.send.file, uncertain, ++steps_, now});
  place_lane(who.send.lane, now);
  return counted;
}

void receiver_lanes::settle_life(attempt& of) {
  if (of.uncertain) --uncertain_ones_;
  of.uncertain = false;
}

bool receiver_lanes::show_life(const transfer_id& transfer) {
  auto found = attempts_.find(transfer);
  if (found == attempts_.end()) return false;
  settle_life(found->second);
  auto& of = lanes_.at(found->second.lane);
  if (of.state == lane_state::heard) return false;
  of.state = lane_state::heard;
  place_lane(found->second.lane, of.last_failure);
  return true;
}

bool receiver_lanes::rest(const transfer_id& transfer, bool rests) {
  auto found = attempts_.find(transfer);
  if (found == attempts_.end() || found->second.rests == rests) return false;
  auto& of = lanes_.at(found->second.lane);
  if (rests && resting_ >= 3 * places_) return false;
  if (rests) settle_life(found->second); // it says nothing of the way
  found->second.rests = rests;
  rests ? ++resting_ : --resting_;
  rests ? --of.under_way : ++of.under_way;
  rests ? ++of.resting : --of.resting;
  place_lane(found->second.lane, of.last_failure);
  return true;
}

std::vector<transfer_id> receiver_lanes::end(const transfer_id& transfer, how_it_ended how, time now,
                                             const std::optional<waiting_send>& again) {
  auto found = attempts_.find(transfer);
  if (found == attempts_.end()) return {};
  rest(transfer, false);
  auto over = std::move(found->second);
  settle_life(over);
  attempts_.erase(found);
  change_line(over.file, now, [](line& of_file) { of_file.taken = false; });
  auto& of = lanes_.at(over.lane);
  --of.under_way;
  std::vector<transfer_id> ended;
  if (how == how_it_ended::well) of.state = lane_state::heard;
  if (how == how_it_ended::on_the_way) {
    of.state = lane_state::in_doubt;
    ended = count_failure(of, over, now);
    if (again) add(*again, now);
    failed_.erase(of.failed_last);
    failed_[of.failed_last = transfer] = over.lane;
    if (over.wakes) wake(over.lane, now);
  }
  for (const auto& id : ended) remove(id);
  place_lane(over.lane, now);
  forget_if_empty(over.lane);
  return ended;
}

std::vector<transfer_id> receiver_lanes::count_failure(lane& of, const attempt& failed, time now) {
  of.last_failure = now;
  std::vector<transfer_id> ended;
  std::vector<transfer_id> seen_first; // by those that had seen none
  for (auto& [pause, group] : of.groups) {
    if (pause == no_pause) {
      group.due = now + least_pause;
      for (const auto& [step, id] : group.ends)
        if (step < failed.step) seen_first.push_back(id);
    } else if (group.due <= failed.began) {
      group.due = now + pause;
      ++group.failures;
      for (auto end = group.ends.begin(); end != group.ends.end() && end->first <= group.failures; ++end)
        ended.push_back(end->second);
    }
  }
  for (const auto& id : seen_first) {
    auto& who = members_.at(id);
    if (who.send.outlasts <= 0) {
      ended.push_back(id);
      continue;
    }
    change_line(who.send.file, now, [&](line&) {
      leave(who);
      ++who.counted;
      auto pause = std::max(who.send.pause, milliseconds{1});
      join(who, pause, now + pause);
    });
  }
  return ended;
}

/// Of those that may go now, whatever is under way.
std::optional<receiver_lanes::place> receiver_lanes::best_of(const lane& of, time now) {
  const place* best = nullptr;
  for (const auto& [pause, group] : of.groups) {
    if (group.heads.empty() || (of.state == lane_state::in_doubt && group.due > now)) continue;
    if (!best || *group.heads.begin() < *best) best = &*group.heads.begin();
  }
  return best ? std::optional{*best} : std::nullopt;
}

std::optional<transfer_id> receiver_lanes::best_waiting() const {
  if (waiting_.empty()) return {};
  return std::get<transfer_id>(*waiting_.begin());
}

/// (−priority, in doubt, under way, tried, id) of the one that it would start; nothing: it may not.
std::optional<receiver_lanes::lane_place> receiver_lanes::place_of(const lane& of, time now) const {
  const auto most = of.state == lane_state::heard ? places_ - places_ / 4 : 1;
  if (of.waiting == 0 || of.under_way >= most) return {};
  const auto best = best_of(of, now);
  if (!best) return {};
  const auto& [priority, tried, id] = *best;
  return lane_place{priority, of.state == lane_state::in_doubt, of.under_way, tried, id};
}

void receiver_lanes::place_lane(const std::string& name, time now) {
  auto found = lanes_.find(name);
  if (found == lanes_.end()) return;
  auto& of = found->second;
  if (of.ready) {
    certain_.erase(*of.ready);
    uncertain_.erase(*of.ready);
  }
  if (of.due) due_.erase({*of.due, name});
  of.due.reset();
  if (of.best) waiting_.erase(*of.best);
  of.best.reset();
  if (of.state != lane_state::in_doubt) of.best = best_of(of, now);
  if (of.best) waiting_.insert(*of.best);
  of.ready = place_of(of, now);
  if (of.ready) {
    (of.state == lane_state::heard ? certain_ : uncertain_).emplace(*of.ready, name);
    return;
  }
  if (of.state != lane_state::in_doubt || of.under_way > 0) return;
  for (const auto& [pause, group] : of.groups)
    if (!group.heads.empty() && (!of.due || group.due < *of.due)) of.due = group.due;
  if (of.due) due_.emplace(*of.due, name);
}

void receiver_lanes::forget_if_empty(const std::string& name) {
  auto found = lanes_.find(name);
  if (found == lanes_.end()) return;
  const auto& of = found->second;
  if (of.waiting > 0 || of.under_way > 0 || of.resting > 0) return;
  failed_.erase(of.failed_last);
  lanes_.erase(found);
}

std::optional<receiver_lanes::time> receiver_lanes::next_probe() const {
  if (due_.empty()) return {};
  return due_.begin()->first;
}

void receiver_lanes::wake(const std::string& name, time now) {
  auto found = lanes_.find(name);
  if (found == lanes_.end() || found->second.state != lane_state::in_doubt) return;
  auto soon = std::max(now, found->second.last_failure + least_pause);
  for (auto& [pause, group] : found->second.groups) group.due = std::min(group.due, soon);
  place_lane(name, now);
}

void receiver_lanes::wake_all(time now) {
  std::vector<std::string> names;
  for (const auto& [time, name] : due_) names.push_back(name);
  for (const auto& name : names) wake(name, now);
}

void receiver_lanes::wake_for(const transfer_id& transfer, time now) {
  if (auto running = attempts_.find(transfer); running != attempts_.end()) {
    running->second.wakes = true;
  } else if (auto waiting = members_.find(transfer); waiting != members_.end()) {
    wake(std::string{waiting->second.send.lane}, now);
  } else if (auto failed = failed_.find(transfer); failed != failed_.end()) {
    wake(std::string{failed->second}, now);
  }
}

} // namespace hublink
