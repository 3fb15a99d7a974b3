#pragma once
/// Which managers seem to guess passwords. By the manager alone, never by the user's name: so what becomes of
/// a login says nothing about who has an account. Pure.
#include <chrono>
#include <map>
#include <string>

namespace hublink {

class login_standing {
 public:
  using time = std::chrono::steady_clock::time_point;
  /// Wrong passwords that anybody may try, and how soon one more is forgiven.
  static constexpr int allowed = 3;
  static constexpr std::chrono::minutes each{1};
  static constexpr std::chrono::minutes longest{10}; ///< after the last one, all are

  void note_wrong(const std::string& manager, time now);
  /// A right password changes nothing: who has an account could guess those of others in between.
  bool is_good(const std::string& manager, time now) const;

 private:
  std::map<std::string, time> forgiven_at_; ///< all of a manager's wrong ones
};

} // namespace hublink
