#include "node/circuit/end_file.hpp"

#include <algorithm>
#include <utility>

namespace hublink {

void end_file::aside(const char* what, std::function<outcome<>(transfer_file&)> work,
                     std::function<void(const outcome<>&)> then, bool beside) {
  auto& since = beside ? beside_since_ : used_since_;
  since = clock::now();
  ++users_;
  auto mark = std::make_shared<disk_pool::mark>(*pool_, what);
  asio::post(pool_->waiting(), [self = shared_from_this(), &since, mark, work = std::move(work),
                                then = std::move(then)]() mutable {
    auto done = work(*self->file_);
    mark.reset();
    std::lock_guard guard{self->lock_};
    since.reset();
    self->left();
    if (!self->given_up_) then(done);
  });
}

std::optional<end_file::clock::time_point> end_file::since() const {
  if (used_since_ && beside_since_) return std::min(*used_since_, *beside_since_);
  return used_since_ ? used_since_ : beside_since_;
}

bool end_file::take_target() {
  if (!target_) target_ = pool_->take_target(shown_);
  return target_ != nullptr;
}

void end_file::give_up() {
  given_up_ = true;
  if (users_ > 0) pool_->note_orphan(shown_, true);
}

void end_file::part() {
  if (users_ == 0 && file_) asio::post(pool_->waiting(), [file = std::move(file_)] {});
}

void end_file::at_last(std::function<void(transfer_file&)> work) {
  if (users_ > 0) {
    at_last_ = std::move(work);
    return;
  }
  // Nobody is in it, but its disk may not answer: that is for others to wait for.
  asio::post(pool_->waiting(), [file = file_, work = std::move(work)] { work(*file); });
}

void end_file::left() {
  if (--users_ > 0) return;
  if (given_up_) pool_->note_orphan(shown_, false);
  if (at_last_) at_last(std::exchange(at_last_, {}));
}

namespace {

class unanswered_file : public transfer_file {
 public:
  explicit unanswered_file(failure why) : why_(std::move(why)) {}

  outcome<file_facts> open() override { return why_; }
  outcome<> reopen(const reopen_file&) override { return why_; }
  outcome<> create(const create_file&) override { return why_; }
  outcome<> settle(const settle_file&) override { return why_; }

 private:
  failure why_;
};

} // namespace

std::unique_ptr<transfer_file> make_unanswered_file(failure why) {
  return std::make_unique<unanswered_file>(std::move(why));
}

} // namespace hublink
