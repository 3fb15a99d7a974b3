#include "node/accounts/accounts.hpp"

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace hublink {

namespace {

constexpr auto first_user = "admin";
constexpr std::size_t most_guessers = 10'000; ///< remembered; then those whose delay is over are forgotten

failure not_authenticated() {
  return {errc::not_authenticated, {}, "user not authenticated: name or password is wrong"};
}

} // namespace

outcome<std::unique_ptr<accounts>> accounts::open(const std::filesystem::path& file, time_source wall_clock,
                                                  login_delays delays) {
  try {
    auto store = std::make_unique<account_store>(file);
    return std::unique_ptr<accounts>{new accounts{std::move(store), std::move(wall_clock), delays}};
  } catch (const SQLite::Exception& error) {
    auto full = error.getErrorCode() == 13; // SQLITE_FULL
    return failure{
        full ? errc::no_space : errc::io_error, {}, "accounts in " + file.string() + ": " + error.what()};
  }
}

accounts::accounts(std::unique_ptr<account_store> store, time_source wall_clock, login_delays delays)
    : store_(std::move(store)), wall_clock_(std::move(wall_clock)), delays_(delays) {
  if (!store_->empty()) return;
  first_password_ = make_password();
  account first{first_user, {right::view, right::transfer, right::manage, right::users}, {}};
  store_->add(first, first_password_, now_ms());
  store_->note({now_ms(), "", "", "users-add", first_user, "ok"});
}

accounts::~accounts() { stop(); }

void accounts::stop() {
  hashing_.stop();
  guessing_.stop();
  thread_.stop();
  thread_.join();
}

std::int64_t accounts::now_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(wall_clock_().time_since_epoch()).count();
}

outcome<> accounts::check_password(const std::string& password) {
  if (password.size() >= 8 && password.size() <= 1024) return {};
  return {errc::bad_config, "a password has 8 to 1,024 characters"};
}

outcome<> accounts::check_name(const std::string& name) {
  auto fits = [](unsigned char letter) {
    return std::isalnum(letter) || letter == '.' || letter == '_' || letter == '-' || letter == '@';
  };
  if (!name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), fits)) return {};
  return {errc::bad_config, "a user's name has 1 to 64 letters, digits, or . _ - @"};
}

void accounts::work(task what) {
  asio::post(thread_, [this, what = std::move(what)] {
    try {
      what(*store_);
    } catch (const std::exception& error) {
      spdlog::error("accounts: {}", error.what());
    }
  });
}

void accounts::note(std::string from, std::string user, std::string command, std::string detail,
                    std::string result) {
  work([row = audit_row{now_ms(), std::move(from), std::move(user), std::move(command), std::move(detail),
                        std::move(result)}](account_store& store) { store.note(row); });
}

void accounts::login(const std::string& name, std::string password, const std::string& from,
                     login_handler done) {
  who key{from, name};
  std::chrono::steady_clock::time_point start;
  {
    std::lock_guard guard{lock_};
    auto now = std::chrono::steady_clock::now();
    if (guesses_.size() > most_guessers)
      std::erase_if(guesses_,
                    [&](const auto& guess) { return !guess.second.busy && guess.second.not_before < now; });
    auto& known = guesses_[key];
    if (std::exchange(known.busy, true))
      return work([done](account_store&) {
        done(failure{errc::busy, {}, "a login of this user from this manager is being checked already"});
      });
    start = known.not_before;
  }
  auto timer = std::make_shared<asio::steady_timer>(thread_, start);
  timer->async_wait([this, timer, key, password = std::move(password), done](std::error_code) {
    check(key, password, done);
  });
}

hash_lane& accounts::lane_of(const std::string& manager) {
  std::lock_guard guard{lock_};
  return standing_.is_good(manager, std::chrono::steady_clock::now()) ? hashing_ : guessing_;
}

void accounts::check(const who& key, const std::string& password, const login_handler& done) {
  std::string hash;
  try {
    hash = store_->hash_of(key.second);
  } catch (const std::exception& error) {
    settle(key, false);
    return done(failure{errc::io_error, {}, std::string("accounts: ") + error.what()});
  }
  lane_of(key.first).add(key.first, [=, this] {
    bool right = account_store::is_password_of(hash, password);
    asio::post(thread_, [=, this] { conclude(key, hash, right, done); });
  });
}

void accounts::conclude(const who& key, const std::string& hash, bool right, const login_handler& done) {
  outcome<account> result{not_authenticated()};
  try {
    if (auto found = store_->settle(key.second, hash, right)) result = std::move(*found);
    store_->note({now_ms(), key.first, key.second, "login", "", result ? "ok" : "not-authenticated"});
  } catch (const std::exception& error) {
    result = failure{errc::io_error, {}, std::string("accounts: ") + error.what()};
  }
  settle(key, bool(result));
  done(std::move(result));
}

void accounts::settle(const who& key, bool right) {
  std::lock_guard guard{lock_};
  if (right) {
    guesses_.erase(key);
    return;
  }
  auto now = std::chrono::steady_clock::now();
  standing_.note_wrong(key.first, now);
  auto& known = guesses_[key];
  known.busy = false;
  auto pause = delays_.first * (1 << std::min(known.wrong++, 16));
  known.not_before = now + std::min<std::chrono::milliseconds>(pause, delays_.most);
}

} // namespace hublink
