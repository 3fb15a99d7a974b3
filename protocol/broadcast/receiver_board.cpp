#include "protocol/broadcast/receiver_board.hpp"

#include <algorithm>
#include <utility>

namespace hublink {
namespace {

/// It may come back, and never said no: not under its signature, or only that what came was altered.
bool can_be_waited_for(const failure& why) { return why.by != evidence::proof || is_of_the_way(why.code); }

failure unsure(failure why) {
  if (why.code == errc::unconfirmed) return why;
  why.code = errc::unconfirmed;
  why.text = "all was sent, but no receipt came: " + why.text;
  return why;
}

bool is_by_point(const branch_record& record, errc code) { return !record.type && record.why.code == code; }

/// Of somebody whom nobody asks any more.
bool is_last_of_point(const branch_record& record) { return !record.type && record.why.code != errc::stored; }

} // namespace

void receiver_board::drop_receipts_unless(const std::function<bool(const branch_record&)>& still_counts) {
  std::lock_guard guard{lock_};
  std::erase_if(said_, [&](const auto& each) {
    bool drops = each.type == record_type::receipt && !still_counts(each);
    if (drops) done_.erase(each.name);
    return drops;
  });
}

// What the store kept for too long stays over until the sender has heard of it.
std::vector<std::string> receiver_board::begin_attempt() {
  std::lock_guard guard{lock_};
  failed_.clear();
  stored_.clear();
  waiting_.clear();
  refusals_.clear();
  passed_over_.clear();
  std::erase_if(said_, [this](const auto& each) {
    return done_.count(each.name) ? !each.type : !is_by_point(each, errc::expired);
  });
  for (const auto& each : said_)
    if (!done_.count(each.name)) failed_.insert(each.name);
  std::vector<std::string> open;
  for (const auto& name : names_)
    if (!done_.count(name) && !failed_.count(name)) open.push_back(name);
  return open;
}

std::vector<std::string> receiver_board::unsettled() const {
  std::lock_guard guard{lock_};
  std::vector<std::string> open;
  for (const auto& name : names_)
    if (!done_.count(name) && !failed_.count(name)) open.push_back(name);
  return open;
}

void receiver_board::wait_for_unreachable(const std::string& where) {
  std::lock_guard guard{lock_};
  waits_at_ = where;
}

std::vector<std::string> receiver_board::waiting() const {
  std::lock_guard guard{lock_};
  return {waiting_.begin(), waiting_.end()};
}

void receiver_board::ask_again(const std::vector<std::string>& names) {
  std::lock_guard guard{lock_};
  for (const auto& name : names) waiting_.erase(name);
}

bool receiver_board::is_open(const std::string& name) const {
  std::lock_guard guard{lock_};
  return names_.count(name) && !done_.count(name) && !failed_.count(name);
}

bool receiver_board::say(branch_record record) {
  {
    std::lock_guard guard{lock_};
    if (!take(record)) return false;
    said_.push_back(std::move(record));
  }
  tellers_.wake_all();
  return true;
}

/// False: it is no news.
bool receiver_board::take(branch_record& record) {
  if (!names_.count(record.name) || failed_.count(record.name) || done_.count(record.name)) return false;
  bool is_stored = is_by_point(record, errc::stored);
  bool is_over = is_by_point(record, errc::expired);
  if (!record.type && !waits_at_.empty() && !is_stored && !is_over) {
    is_stored = true;
    record.why = {errc::stored, waits_at_,
                  "can't be had (" + record.why.text + "); the store keeps the file"};
  }
  if (is_stored) {
    waiting_.insert(record.name);
    return stored_.insert(record.name).second;
  }
  if (is_by_point(record, errc::unconfirmed)) doubted_.insert(record.name);
  if (!record.type && !is_over && doubted_.count(record.name)) record.why = unsure(std::move(record.why));
  stored_.erase(record.name);
  waiting_.erase(record.name);
  (record.type == record_type::receipt ? done_ : failed_).insert(record.name);
  if (tells_only_kept_ && !record.type) unkept_.insert(record.name);
  return true;
}

void receiver_board::keep_refusal(const std::string& name, bytes body, const failure& why) {
  std::lock_guard guard{lock_};
  if (denies_all(why) || !doubted_.count(name)) refusals_[name] = std::move(body);
}

// What it refused was an earlier try.
void receiver_board::doubt(const std::string& name) {
  std::lock_guard guard{lock_};
  if (!names_.count(name) || done_.count(name) || failed_.count(name)) return;
  doubted_.insert(name);
  refusals_.erase(name);
}

std::set<std::string> receiver_board::doubted() const {
  std::lock_guard guard{lock_};
  return doubted_;
}

void receiver_board::give_up(const std::string& name, const failure& why) {
  branch_record record{.name = name, .why = why};
  {
    std::lock_guard guard{lock_};
    bool waits = !waits_at_.empty() && can_be_waited_for(why);
    if (auto kept = refusals_.extract(name); kept && !waits) {
      record.type = record_type::refusal;
      record.body = std::move(kept.mapped());
    }
  }
  say(std::move(record));
}

void receiver_board::pass_over(const std::string& name, failure why) {
  {
    std::lock_guard guard{lock_};
    if (why.code == errc::unconfirmed) doubted_.insert(name);
    passed_over_.insert_or_assign(name, std::move(why));
  }
  tellers_.wake_all();
}

std::map<std::string, failure> receiver_board::take_passed_over() {
  std::lock_guard guard{lock_};
  return std::exchange(passed_over_, {});
}

void receiver_board::give_sign() {
  {
    std::lock_guard guard{lock_};
    ++signs_;
  }
  tellers_.wake_all();
}

bool receiver_board::is_settled(const std::string& name) const {
  std::lock_guard guard{lock_};
  return done_.count(name) || failed_.count(name) || waiting_.count(name);
}

bool receiver_board::all_settled() const {
  std::lock_guard guard{lock_};
  return done_.size() + failed_.size() + stored_.size() == names_.size();
}

bool receiver_board::all_done() const {
  std::lock_guard guard{lock_};
  return done_.size() == names_.size();
}

bool receiver_board::is_done(const std::string& name) const {
  std::lock_guard guard{lock_};
  return done_.count(name) != 0;
}

std::vector<branch_record> receiver_board::part(std::size_t& from, std::size_t end) const {
  constexpr std::size_t most = 64; // records of some hundred bytes, in one step
  const auto first = std::min(from, end);
  from = std::min(first + most, end);
  return {said_.begin() + std::ptrdiff_t(first), said_.begin() + std::ptrdiff_t(from)};
}

std::vector<branch_record> receiver_board::news(std::size_t& from) const {
  std::lock_guard guard{lock_};
  return part(from, said_.size());
}

void receiver_board::tell_only_kept() {
  std::lock_guard guard{lock_};
  tells_only_kept_ = true;
}

void receiver_board::keep(const std::vector<std::string>& names) {
  {
    std::lock_guard guard{lock_};
    for (const auto& name : names) unkept_.erase(name);
  }
  tellers_.wake_all();
}

std::vector<branch_record> receiver_board::to_tell(std::size_t& told) const {
  std::lock_guard guard{lock_};
  auto waits = [this](const auto& each) { return is_last_of_point(each) && unkept_.count(each.name); };
  auto first = std::find_if(said_.begin() + std::ptrdiff_t(std::min(told, said_.size())), said_.end(), waits);
  return part(told, std::size_t(first - said_.begin()));
}

std::size_t receiver_board::size() const {
  std::lock_guard guard{lock_};
  return said_.size();
}

std::size_t receiver_board::last_words() const {
  std::lock_guard guard{lock_};
  return done_.size() + failed_.size();
}

std::uint64_t receiver_board::signs() const {
  std::lock_guard guard{lock_};
  return signs_;
}

} // namespace hublink
