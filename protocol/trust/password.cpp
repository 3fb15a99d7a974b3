#include "protocol/trust/password.hpp"

#include <openssl/crypto.h>

namespace hublink {

void wipe(std::string& text) {
  text.resize(text.capacity());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

password::password(std::string&& from) : letters_(from.begin(), from.end()) { wipe(from); }

password::~password() { OPENSSL_cleanse(letters_.data(), letters_.size()); }

} // namespace hublink
