#include "protocol/branch_board.hpp"

namespace hublink {

std::vector<std::string> branch_board::begin_attempt() {
  std::lock_guard guard{lock_};
  failed_.clear();
  refusals_.clear();
  std::erase_if(said_, [this](const auto& each) { return !done_.count(each.name); });
  std::vector<std::string> open;
  for (const auto& name : names_)
    if (!done_.count(name)) open.push_back(name);
  return open;
}

std::vector<std::string> branch_board::unsettled() const {
  std::lock_guard guard{lock_};
  std::vector<std::string> open;
  for (const auto& name : names_)
    if (!done_.count(name) && !failed_.count(name)) open.push_back(name);
  return open;
}

bool branch_board::say(branch_record said) {
  {
    std::lock_guard guard{lock_};
    if (!names_.count(said.name) || failed_.count(said.name) || done_.count(said.name)) return false;
    (said.type == record_type::receipt ? done_ : failed_).insert(said.name);
    said_.push_back(std::move(said));
  }
  tellers_.wake_all();
  return true;
}

void branch_board::keep_refusal(const std::string& name, bytes body) {
  std::lock_guard guard{lock_};
  refusals_[name] = std::move(body);
}

void branch_board::give_up(const std::string& name, const failure& why) {
  branch_record said{name, {}, {}, why, {}};
  {
    std::lock_guard guard{lock_};
    if (auto kept = refusals_.extract(name)) {
      said.type = record_type::refusal;
      said.body = std::move(kept.mapped());
    }
  }
  say(std::move(said));
}

void branch_board::give_sign() {
  {
    std::lock_guard guard{lock_};
    ++signs_;
  }
  tellers_.wake_all();
}

bool branch_board::is_settled(const std::string& name) const {
  std::lock_guard guard{lock_};
  return done_.count(name) || failed_.count(name);
}

bool branch_board::all_settled() const {
  std::lock_guard guard{lock_};
  return done_.size() + failed_.size() == names_.size();
}

bool branch_board::all_done() const {
  std::lock_guard guard{lock_};
  return done_.size() == names_.size();
}

bool branch_board::is_done(const std::string& name) const {
  std::lock_guard guard{lock_};
  return done_.count(name) != 0;
}

std::vector<branch_record> branch_board::news(std::size_t& told) const {
  std::lock_guard guard{lock_};
  constexpr std::size_t most = 64; // records of some hundred bytes, in one step
  auto from = std::min(told, said_.size()), to = std::min(from + most, said_.size());
  told = to;
  return {said_.begin() + std::ptrdiff_t(from), said_.begin() + std::ptrdiff_t(to)};
}

std::size_t branch_board::size() const {
  std::lock_guard guard{lock_};
  return said_.size();
}

std::uint64_t branch_board::signs() const {
  std::lock_guard guard{lock_};
  return signs_;
}

} // namespace hublink
