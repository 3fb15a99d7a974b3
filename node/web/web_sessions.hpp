#pragma once
/// Who is logged in by a browser: what a cookie stands for. Of the server's thread, but for `is_over`.
#include "node/accounts/accounts.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace hublink {

struct web_session {
  using time = std::chrono::steady_clock::time_point;

  account who;   ///< what he may at this node
  account shown; ///< at a manager: what all servers that let him in allow him; else the same
  std::string csrf;
  time used{}, until{};
  std::atomic<bool> is_over{false}; ///< his account is another one now; from any thread
  accounts::watch watch{};

  bool counts(time now, std::chrono::seconds idle) const {
    return !is_over && now < until && now - used < idle;
  }
};
using web_session_ptr = std::shared_ptr<web_session>;

class web_sessions {
 public:
  static constexpr std::chrono::minutes idle{15};
  static constexpr std::chrono::hours longest{12};
  static constexpr std::size_t most = 1000, most_of_one = 32;

  /// The cookie's text. Of too many the ones used least lately end.
  std::string add(web_session_ptr session, web_session::time now);
  /// Null: none, or over. `uses`: it is somebody's doing, and counts against idling.
  web_session_ptr find(const std::string& cookie, web_session::time now, bool uses = true);
  void end(const std::string& cookie);

 private:
  void make_room(const std::string& user, web_session::time now);

  std::map<std::string, web_session_ptr> by_hash_; ///< of the cookie: the text itself is kept nowhere
};

/// 256 random bits.
std::string make_web_secret();
std::string web_hash(std::string_view text);
/// In the same time, whatever is different.
bool is_same_secret(std::string_view a, std::string_view b);

} // namespace hublink
