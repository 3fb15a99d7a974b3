#pragma once
/// The accounts of a running server. Their store has a thread of its own; logins of managers that guess wait
/// in a lane: who has a session waits for none of it, who logs in elsewhere for no guess. Thread-safe.
#include "node/accounts/account_store.hpp"
#include "node/accounts/guess_lane.hpp"
#include "node/accounts/login_standing.hpp"
#include "protocol/base/secret.hpp"

#include <asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace hublink {

/// How wrong passwords slow down whoever guesses.
struct login_delays {
  std::chrono::milliseconds first{250}, most{30'000}; ///< one user from one manager; doubled each time
  std::chrono::milliseconds pause{100};               ///< between the guesses of all managers that guess
};

/// The last step of a login.
struct login_attempt {
  std::string user, from;      ///< from: the manager
  account_epoch epoch = 0;     ///< of what it is checked against
  std::function<bool()> right; ///< checks the proof
};

class accounts {
 public:
  using time_source = std::function<std::chrono::system_clock::time_point()>;
  using verifier_handler = std::function<void(outcome<account_store::checked_by>)>;
  using login_handler = std::function<void(outcome<account_row>)>;
  using task = std::function<void(account_store&)>;
  using change_handler = std::function<void(const failure& why)>;
  /// Held by who acts for an account.
  using watch = std::shared_ptr<const change_handler>;

  /// Fails with `io_error` or `no_space` and the file.
  static outcome<std::unique_ptr<accounts>> open(const std::filesystem::path& file, time_source wall_clock,
                                                 login_delays delays = {});
  ~accounts();

  /// Nothing is begun any more, and what was begun has ended.
  void stop();

  /// Of the account `admin` that was made now, since there was none; empty otherwise. Once.
  secret take_first_password() { return std::move(first_password_); }

  /// Calls `done` on the thread, later: what a login of that user is checked against.
  void begin_login(const std::string& user, verifier_handler done);
  /// Calls `done` on the thread, later: the account, or `not_authenticated`, which says neither whether the
  /// name or the password was wrong; `busy` while the same user is being checked for the same manager.
  void finish_login(login_attempt what, login_handler done);
  /// Does that on the thread; what it throws is logged.
  void work(task what);

  // On the thread alone:

  /// Calls `call` once, when that account is changed or removed; never any more once the watch is dropped.
  [[nodiscard]] watch when_changed(const std::string& user, change_handler call);
  /// It was. `why` is what those are told who acted for it.
  void note_changed(const std::string& user, const failure& why);

  std::int64_t now_ms() const;
  /// Logins that were refused since the start. Any thread.
  std::uint64_t failed_logins() const { return failed_logins_; }

  /// 8 to 1,024 bytes.
  static outcome<> check_password(std::string_view password);
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

  void make_first();
  bool is_good(const std::string& manager);
  void check(const login_attempt& what, const login_handler& done);
  void conclude(const login_attempt& what, const login_handler& done);
  void settle(const who& key, bool right);

  std::unique_ptr<account_store> store_;
  time_source wall_clock_;
  login_delays delays_;
  secret first_password_;
  std::map<std::string, std::vector<std::weak_ptr<const change_handler>>>
      watches_; ///< by user; of the thread
  std::mutex lock_;
  std::map<who, guesses> guesses_;
  login_standing standing_;
  std::atomic<std::uint64_t> failed_logins_ = 0;
  asio::thread_pool thread_{1};
  guess_lane guessing_;
};

} // namespace hublink
