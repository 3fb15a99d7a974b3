#include "node/gateway/socks_login.hpp"

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <sodium.h>

#include <algorithm>

namespace hublink {

namespace {

constexpr int most_checks = 256, most_checks_of_one = 16;
constexpr std::size_t most_right = 4096, most_guessers = 10'000;
constexpr std::chrono::milliseconds first_delay{250},
    longest_delay{5'000};                                     // an application waits 10 s to be in
constexpr std::chrono::milliseconds pause_between_checks{50}; ///< for whatever else the machine does
constexpr std::chrono::minutes forgiven{5};

} // namespace

socks_login::socks_login(asio::io_context& context, socks_users users)
    : context_(context), users_(std::make_shared<const socks_users>(std::move(users))) {
  if (users_->empty()) return;
  randombytes_buf(key_.data(), key_.size());
  lane_ = std::make_unique<guess_lane>(pause_between_checks);
}

socks_login::~socks_login() = default;

socks_login::digest socks_login::digest_of(const std::string& user, const secret& password) const {
  digest made{};
  crypto_generichash_state state;
  auto add = [&](std::string_view text) {
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  };
  crypto_generichash_init(&state, key_.data(), key_.size(), made.size());
  add(std::to_string(user.size()) + ":");
  add(user);
  add(password.view());
  crypto_generichash_final(&state, made.data(), made.size());
  return made;
}

void socks_login::check(const ip_address& from, std::string user, secret password, verdict then) {
  auto shown = digest_of(user, password);
  if (right_.count(shown) > 0) return asio::post(context_, [then] { then(true); });
  if (auto same = asked_.find(shown); same != asked_.end()) return same->second.push_back(std::move(then));
  forget_old();
  auto& known = guesses_[from];
  if (waiting_ >= most_checks || known.waiting >= most_checks_of_one)
    return asio::post(context_, [then] { then(false); });
  ++waiting_;
  ++known.waiting;
  asked_[shown].push_back(std::move(then));
  auto kept = std::make_shared<secret>(std::move(password));
  lane_->add(to_string(from), [this, from, shown, user = std::move(user), kept] {
    bool right = users_->check(user, *kept);
    asio::post(context_, [=, this] { conclude(from, shown, right); });
  });
}

void socks_login::conclude(const ip_address& from, const digest& shown, bool right) {
  auto& known = guesses_[from];
  --waiting_;
  --known.waiting;
  known.last = std::chrono::steady_clock::now();
  auto asked = asked_.extract(shown);
  auto tell = [asked = std::move(asked.mapped()), right] {
    for (const auto& then : asked) then(right);
  };
  if (right) {
    known.wrong = 0;
    if (right_.size() < most_right) right_.insert(shown);
    return tell();
  }
  auto pause =
      std::min<std::chrono::milliseconds>(first_delay * (1 << std::min(known.wrong++, 10)), longest_delay);
  auto timer = std::make_shared<asio::steady_timer>(context_, pause);
  timer->async_wait([timer, tell](std::error_code) { tell(); });
}

void socks_login::forget_old() {
  if (guesses_.size() < most_guessers) return;
  auto now = std::chrono::steady_clock::now();
  std::erase_if(guesses_, [&](const auto& entry) {
    return entry.second.waiting == 0 && now - entry.second.last > forgiven;
  });
}

} // namespace hublink
