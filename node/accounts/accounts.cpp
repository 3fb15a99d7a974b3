#include "node/accounts/accounts.hpp"
#include "node/accounts/password_stretcher.hpp"

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
    : store_(std::move(store)), wall_clock_(std::move(wall_clock)), delays_(delays), guessing_(delays.pause) {
  if (store_->empty()) make_first();
}

void accounts::make_first() {
  first_password_ = secret{make_password()};
  account first{first_user, {right::view, right::transfer, right::manage, right::users}, {}};
  auto recipe = store_->recipe_of(first_user);
  auto key = stretch(first_password_, recipe);
  if (!key) throw std::bad_alloc{};
  store_->add(first, scram::make_verifier(recipe, *key), now_ms());
  store_->note({.time_ms = now_ms(),
                .from{},
                .user{},
                .command = "users-add",
                .detail = first_user,
                .transfer{},
                .file{},
                .result = "ok"});
}

accounts::~accounts() { stop(); }

void accounts::stop() {
  guessing_.stop();
  thread_.stop();
  thread_.join();
}

std::int64_t accounts::now_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(wall_clock_().time_since_epoch()).count();
}

outcome<> accounts::check_password(std::string_view password) {
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

accounts::watch accounts::when_changed(const std::string& user, change_handler call) {
  auto held = std::make_shared<const change_handler>(std::move(call));
  auto& all = watches_[user];
  std::erase_if(all, [](const auto& other) { return other.expired(); });
  all.push_back(held);
  return held;
}

void accounts::note_changed(const std::string& user, const failure& why) {
  auto found = watches_.extract(user);
  if (!found) return;
  for (const auto& each : found.mapped())
    if (auto call = each.lock()) (*call)(why);
}

void accounts::begin_login(const std::string& user, verifier_handler done) {
  asio::post(thread_, [this, user, done = std::move(done)] {
    outcome<account_store::checked_by> found{failure{}};
    try {
      found = store_->verifier_of(user);
    } catch (const std::exception& error) {
      found = failure{errc::io_error, {}, std::string("accounts: ") + error.what()};
    }
    done(std::move(found));
  });
}

void accounts::finish_login(login_attempt what, login_handler done) {
  std::chrono::steady_clock::time_point start;
  {
    std::lock_guard guard{lock_};
    auto now = std::chrono::steady_clock::now();
    if (guesses_.size() > most_guessers)
      std::erase_if(guesses_,
                    [&](const auto& guess) { return !guess.second.busy && guess.second.not_before < now; });
    auto& known = guesses_[{what.from, what.user}];
    if (std::exchange(known.busy, true))
      return work([done](account_store&) {
        done(failure{errc::busy, {}, "a login of this user from this manager is being checked already"});
      });
    start = known.not_before;
  }
  auto timer = std::make_shared<asio::steady_timer>(thread_, start);
  timer->async_wait([this, timer, what = std::move(what), done](std::error_code) { check(what, done); });
}

bool accounts::is_good(const std::string& manager) {
  std::lock_guard guard{lock_};
  return standing_.is_good(manager, std::chrono::steady_clock::now());
}

void accounts::check(const login_attempt& what, const login_handler& done) {
  if (is_good(what.from)) return conclude(what, done);
  guessing_.add(what.from,
                [this, what, done] { asio::post(thread_, [this, what, done] { conclude(what, done); }); });
}

void accounts::conclude(const login_attempt& what, const login_handler& done) {
  outcome<account_row> result{not_authenticated()};
  try {
    if (auto found = store_->settle(what.user, what.epoch, what.right())) result = std::move(*found);
    failed_logins_ += !result;
    store_->note({.time_ms = now_ms(),
                  .from = what.from,
                  .user = what.user,
                  .command = "login",
                  .detail{},
                  .transfer{},
                  .file{},
                  .result = result ? "ok" : "not-authenticated"});
  } catch (const std::exception& error) {
    result = failure{errc::io_error, {}, std::string("accounts: ") + error.what()};
  }
  settle({what.from, what.user}, bool(result));
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
