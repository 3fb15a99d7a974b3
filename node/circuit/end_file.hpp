#pragma once
/// The file of a pump. What is done with it takes as long as its disk does, and by then the pump may have
/// given it up: then it comes back to nobody, and what was wanted of the file at last is done after it.
#include "actors/ports/file_store.hpp"
#include "node/files/disk_pools.hpp"

#include <asio/post.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace hublink {

/// All members are called with the pump's lock held.
class end_file : public std::enable_shared_from_this<end_file> {
 public:
  using clock = disk_pool::clock;

  end_file(std::unique_ptr<transfer_file> file, disk_pool_ptr pool, std::mutex& lock)
      : file_(std::move(file)), pool_(std::move(pool)), lock_(lock), shown_(file_->place()) {}

  ~end_file() { part(); }
  end_file(const end_file&) = delete;

  /// Does that here and now, without the lock. Nothing: the file was given up meanwhile.
  template <class Work>
  auto use(const char* what, Work work) -> std::optional<decltype(work(std::declval<transfer_file&>()))> {
    auto self = shared_from_this(); // who gives it up has another one
    std::optional<decltype(work(*file_))> result;
    {
      turn mine{*self, what};
      result = work(*self->file_);
    }
    return self->given_up_ ? std::nullopt : std::move(result);
  }
  /// Does that on a thread that waits for disks; `then`, with the lock held again, unless it was given up.
  /// `beside`: another thing may be done meanwhile.
  void aside(const char* what, std::function<outcome<>(transfer_file&)> work,
             std::function<void(const outcome<>&)> then, bool beside);

  /// Whether something is being done with it that nothing can be done beside.
  bool is_used() const { return used_since_.has_value(); }
  /// Since when the oldest of what is being done is under way.
  std::optional<clock::time_point> since() const;

  /// Whether somebody's use of that path has not come back, who gave it up.
  bool is_orphaned() const { return pool_->has_orphan(shown_); }
  /// The right to publish there, which one has at a time. False: another has it.
  bool take_target();
  /// Or when what is done with a file that was given up has come back.
  void give_target_back() { target_.reset(); }

  void give_up();
  /// Nothing more is done with it: it is closed where that may take its time.
  void part();
  /// When what is being done now has come back, of a file that was given up.
  void at_last(std::function<void(transfer_file&)> work);

  std::string place() const { return pool_->place(); }

 private:
  /// The lock is free meanwhile.
  class turn {
   public:
    turn(end_file& of, const char* what) : of_(of) {
      mark_.emplace(*of.pool_, what);
      ++of_.users_;
      of_.used_since_ = clock::now();
      of_.lock_.unlock();
    }
    ~turn() {
      mark_.reset();
      of_.lock_.lock();
      of_.used_since_.reset();
      of_.left();
    }
    turn(const turn&) = delete;

   private:
    end_file& of_;
    std::optional<disk_pool::mark> mark_;
  };
  void left();

  std::shared_ptr<transfer_file> file_; ///< shared with what is done at last
  disk_pool_ptr pool_;
  std::mutex& lock_;
  const std::string shown_;
  std::optional<clock::time_point> used_since_, beside_since_;
  int users_ = 0;
  bool given_up_ = false;
  std::function<void(transfer_file&)> at_last_;
  std::shared_ptr<void> target_;
};

/// Of a file that cannot be used now: each step says why.
std::unique_ptr<transfer_file> make_unanswered_file(failure why);

} // namespace hublink
