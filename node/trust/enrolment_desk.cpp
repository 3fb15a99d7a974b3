#include "node/trust/enrolment_desk.hpp"

#include <algorithm>

namespace hublink {

namespace {

failure no_manager_asks() {
  return {errc::timed_out,
          {},
          "no manager that signs for nodes is logged in at this server; log in there with hublink login"};
}

} // namespace

outcome<std::uint64_t> enrolment_desk::put(bytes request, const std::string& source, answer to, bool proven) {
  std::unique_lock guard{lock_};
  auto count = [this](auto is) {
    return static_cast<std::size_t>(
        std::ranges::count_if(entries_, [&](const auto& each) { return is(each.second); }));
  };
  auto of_one = count([&](const entry& each) { return each.source == source && each.proven == proven; });
  auto of_kind = count([&](const entry& each) { return each.proven == proven; });
  if (of_kind >= (proven ? most_known : most) || of_one >= most_of_one)
    return {errc::busy, "as many nodes ask for a certificate here as may at once; ask again"};
  const auto number = ++last_;
  auto& made =
      entries_.emplace(number, entry{std::move(request), source, std::move(to), proven}).first->second;
  // One may come, but who asks need not wait long for that.
  if (!asked_ || clock_() - *asked_ >= asked_lately) made.said = no_manager_asks();
  auto woken = wakers_.take_all();
  guard.unlock();
  woken.call();
  return number;
}

failure enrolment_desk::take_back(std::uint64_t number) {
  std::lock_guard guard{lock_};
  auto found = entries_.extract(number);
  if (!found.empty() && found.mapped().said) return *found.mapped().said;
  return {errc::timed_out, {}, "no manager has answered yet"};
}

std::vector<enrolment_desk::waiting> enrolment_desk::after(std::uint64_t number) {
  std::lock_guard guard{lock_};
  asked_ = clock_();
  if (number > last_) number = 0; // of an earlier life of this process
  std::vector<waiting> found;
  for (auto at = entries_.upper_bound(number); at != entries_.end(); ++at)
    found.push_back({at->first, at->second.request});
  return found;
}

waker enrolment_desk::when_after(std::uint64_t number, std::function<void()> then) {
  auto made = make_waker(std::move(then));
  {
    std::lock_guard guard{lock_};
    if (last_ == number) {
      wakers_.add(made);
      return made;
    }
  }
  (*made)();
  return made;
}

void enrolment_desk::answer_with(std::uint64_t number, const outcome<enrolled>& what) {
  answer to;
  {
    std::lock_guard guard{lock_};
    auto found = entries_.extract(number);
    if (found.empty()) return;
    to = std::move(found.mapped().to);
  }
  to(what);
}

void enrolment_desk::note(std::uint64_t number, const failure& why) {
  std::lock_guard guard{lock_};
  if (auto found = entries_.find(number); found != entries_.end()) found->second.said = why;
}

bool enrolment_desk::is_noted(std::uint64_t number) {
  std::lock_guard guard{lock_};
  auto found = entries_.find(number);
  return found != entries_.end() && found->second.said;
}

} // namespace hublink
