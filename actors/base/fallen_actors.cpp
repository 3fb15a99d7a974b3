#include "actors/base/fallen_actors.hpp"

namespace hublink {

namespace {

constexpr auto nameless = "something that is no exception";

std::string text_of_thrown(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& wrong) {
    return wrong.what();
  } catch (...) {
    return nameless;
  }
}

} // namespace

fallen_actors& fallen_actors::of_process() {
  static fallen_actors all;
  return all;
}

void fallen_actors::listen(listener who) {
  std::lock_guard guard{lock_};
  listener_ = std::move(who);
}

std::string fallen_actors::note(const std::string& actor, const std::exception_ptr& thrown) {
  auto reason = text_of_thrown(thrown);
  std::lock_guard guard{lock_};
  auto& fall = falls_[actor];
  fall.reason = reason;
  ++fall.times;
  if (listener_) listener_(actor, reason);
  return reason;
}

std::map<std::string, fallen_actors::fall> fallen_actors::all() const {
  std::lock_guard guard{lock_};
  return falls_;
}

} // namespace hublink
