#pragma once
/// A password, passphrase or key as text: in one place of memory, and wiped when it is done with.
#include <string>
#include <string_view>
#include <utility>

#include <openssl/crypto.h>

namespace hublink {

/// Overwrites what is in there so that no compiler leaves it out, and empties it.
inline void wipe(std::string& text) {
  text.resize(text.capacity());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

class secret {
 public:
  secret() = default;
  /// Takes it over: `text` is empty afterwards, also where a short one stood in the string itself.
  explicit secret(std::string&& text) : text_(text) { wipe(text); }
  secret(secret&& other) noexcept : text_(std::string_view{other.text_}) { wipe(other.text_); }
  secret& operator=(secret&& other) noexcept {
    std::swap(text_, other.text_);
    return *this;
  }
  ~secret() { wipe(text_); }

  std::string_view view() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

} // namespace hublink
