#pragma once
/// A password in memory: in one place, and wiped at its end.
#include <string>
#include <string_view>
#include <vector>

namespace hublink {

/// Nothing of it is left in the text's memory.
void wipe(std::string& text);

class password {
 public:
  password() = default;
  /// Wipes what it is made from.
  explicit password(std::string&& from);
  password(password&& other) noexcept : letters_(std::move(other.letters_)) {}
  password& operator=(password&& other) noexcept {
    letters_.swap(other.letters_);
    return *this;
  }
  ~password();

  /// As long as it lives.
  std::string_view text() const { return {letters_.data(), letters_.size()}; }

 private:
  std::vector<char> letters_;
};

} // namespace hublink
