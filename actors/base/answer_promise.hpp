#pragma once
/// A promise that can't be forgotten: CAF's dropped promises stay silent until the asker's time-out, this one
/// answers.
#include "actors/base/failures.hpp"

#include <memory>
#include <string>
#include <utility>

namespace hublink {

template <class T>
class answer_promise {
 public:
  answer_promise() = default;
  explicit answer_promise(caf::typed_response_promise<T> promise)
      : promise_(std::move(promise)), pending_(true) {}
  answer_promise(answer_promise&& other) noexcept
      : promise_(std::move(other.promise_)), pending_(std::exchange(other.pending_, false)) {}
  answer_promise& operator=(answer_promise&& other) noexcept {
    drop();
    promise_ = std::move(other.promise_);
    pending_ = std::exchange(other.pending_, false);
    return *this;
  }
  ~answer_promise() { drop(); }

  void deliver(T value) {
    if (std::exchange(pending_, false)) promise_.deliver(std::move(value));
  }
  void fail(failure why) {
    if (std::exchange(pending_, false)) promise_.deliver(to_error(std::move(why)));
  }
  bool pending() const { return pending_; }
  const caf::typed_response_promise<T>& promise() const { return promise_; }

 private:
  // Why it ended says nothing about what was asked: it may be asked again.
  void drop() { fail({errc::cut, {}, "the actor that was asked ended without an answer"}); }

  caf::typed_response_promise<T> promise_;
  bool pending_ = false;
};

/// The handler of a request whose failure is the answer, at the latest known as from `here`.
template <class T>
auto failing(std::shared_ptr<answer_promise<T>> answer, std::string here) {
  return [answer = std::move(answer), here = std::move(here)](const caf::error& no) {
    answer->fail(to_failure(no, here));
  };
}

} // namespace hublink
