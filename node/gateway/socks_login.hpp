#pragma once
/// Checks the passwords that applications show at the SOCKS5 listener: beside the gateway's thread, in turn
/// for those who ask, and the slower the more often one address was wrong. One thread, that of `context`.
#include "node/accounts/guess_lane.hpp"
#include "node/gateway/socks_users.hpp"
#include "protocol/base/address.hpp"

#include <asio/io_context.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace hublink {

class socks_login {
 public:
  using verdict = std::function<void(bool right)>;

  socks_login(asio::io_context& context, socks_users users);
  ~socks_login();

  bool wants_password() const { return !users_->empty(); }
  /// `then` is called once, on the context's thread, never from within: at once for who was right before,
  /// after a tenth of a second or more for others. False at once where too many wait already; who shows what
  /// is being checked just now waits for that check.
  void check(const ip_address& from, std::string user, secret password, verdict then);

 private:
  using digest = std::array<unsigned char, 32>;
  struct guesses {
    int wrong = 0, waiting = 0;
    std::chrono::steady_clock::time_point last{};
  };

  digest digest_of(const std::string& user, const secret& password) const;
  void conclude(const ip_address& from, const digest& shown, bool right);
  void forget_old();

  asio::io_context& context_;
  std::shared_ptr<const socks_users> users_;
  std::array<unsigned char, 32>
      key_{};              ///< of this process alone: digests say nothing to who reads memory later
  std::set<digest> right_; ///< shown before; the users are read once, so they stay right
  std::map<digest, std::vector<verdict>> asked_; ///< the same shown meanwhile waits for the same check
  std::map<ip_address, guesses> guesses_;
  int waiting_ = 0;
  std::unique_ptr<guess_lane> lane_; ///< where there are users
};

} // namespace hublink
