#pragma once
/// The accounts of a running server. Their store has a thread of its own, and so have the hashing of
/// passwords that are tried, and that of those tried by managers that guess: who has a session waits for none
/// of it, who logs in elsewhere for no guess. Thread-safe.
#include "node/accounts/account_store.hpp"
#include "node/accounts/hash_lane.hpp"
#include "node/accounts/login_standing.hpp"

#include <asio/thread_pool.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace hublink {

/// How wrong passwords slow down whoever guesses: one user from one manager.
struct login_delays {
  std::chrono::milliseconds first{250}, most{30'000}; ///< doubled each time
};

class accounts {
 public:
  using time_source = std::function<std::chrono::system_clock::time_point()>;
  using login_handler = std::function<void(outcome<account>)>;
  using task = std::function<void(account_store&)>;

  /// Fails with `io_error` or `no_space` and the file.
  static outcome<std::unique_ptr<accounts>> open(const std::filesystem::path& file, time_source wall_clock,
                                                 login_delays delays = {});
  ~accounts();

  /// Nothing is begun any more, and what was begun has ended.
  void stop();

  /// Of the account `admin` that was made now, since there was none; empty otherwise.
  const std::string& first_password() const { return first_password_; }

  /// Calls `done` on the thread, later: the account, or `not_authenticated`, which says neither whether the
  /// name or the password was wrong; `busy` while the same user is being checked for the same manager.
  void login(const std::string& name, std::string password, const std::string& from, login_handler done);
  /// Does that on the thread; what it throws is logged.
  void work(task what);
  /// Writes it down, soon.
  void note(std::string from, std::string user, std::string command, std::string detail, std::string result);

  /// 8 to 1,024 bytes.
  static outcome<> check_password(const std::string& password);
  /// 1 to 64 letters, digits, `.`, `_`, `-`, `@`.
  static outcome<> check_name(const std::string& name);

 private:
  accounts(std::unique_ptr<account_store> store, time_source wall_clock, login_delays delays);

  using who = std::pair<std::string, std::string>; ///< manager, user
  struct guesses {
    int wrong = 0;
    bool busy = false;
    std::chrono::steady_clock::time_point not_before{};
  };

  hash_lane& lane_of(const std::string& manager);
  void check(const who& key, const std::string& password, const login_handler& done);
  void conclude(const who& key, const std::string& hash, bool right, const login_handler& done);
  void settle(const who& key, bool right);
  std::int64_t now_ms() const;

  std::unique_ptr<account_store> store_;
  time_source wall_clock_;
  login_delays delays_;
  std::string first_password_;
  std::mutex lock_;
  std::map<who, guesses> guesses_;
  login_standing standing_;
  asio::thread_pool thread_{1};
  hash_lane hashing_{hash_lane::urgency::normal}, guessing_{hash_lane::urgency::gives_way};
};

} // namespace hublink
