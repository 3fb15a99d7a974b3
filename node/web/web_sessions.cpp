#include "node/web/web_sessions.hpp"
#include "protocol/base/bytes.hpp"

#include <openssl/crypto.h>
#include <sodium.h>

#include <algorithm>
#include <array>

namespace hublink {

std::string make_web_secret() {
  std::array<std::byte, 32> drawn{};
  randombytes_buf(drawn.data(), drawn.size());
  return to_hex(drawn);
}

std::string web_hash(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> made{};
  crypto_hash_sha256(made.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return to_hex(std::as_bytes(std::span{made}));
}

bool is_same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string web_sessions::add(web_session_ptr session, web_session::time now) {
  make_room(session->who.name, now);
  auto cookie = make_web_secret();
  session->csrf = make_web_secret();
  session->used = now;
  session->until = now + longest;
  by_hash_[web_hash(cookie)] = std::move(session);
  return cookie;
}

void web_sessions::make_room(const std::string& user, web_session::time now) {
  std::erase_if(by_hash_, [&](const auto& each) { return !each.second->counts(now, idle); });
  const auto older = [](const auto& a, const auto& b) { return a.second->used < b.second->used; };
  const auto is_his = [&](const auto& each) { return each.second->who.name == user; };
  if (std::size_t(std::ranges::count_if(by_hash_, is_his)) >= most_of_one) {
    auto oldest = by_hash_.end();
    for (auto at = by_hash_.begin(); at != by_hash_.end(); ++at)
      if (is_his(*at) && (oldest == by_hash_.end() || older(*at, *oldest))) oldest = at;
    oldest->second->is_over = true;
    by_hash_.erase(oldest);
  }
  if (by_hash_.size() >= most) {
    auto oldest = std::ranges::min_element(by_hash_, older);
    oldest->second->is_over = true;
    by_hash_.erase(oldest);
  }
}

web_session_ptr web_sessions::find(const std::string& cookie, web_session::time now, bool uses) {
  auto found = by_hash_.find(web_hash(cookie));
  if (found == by_hash_.end()) return {};
  if (!found->second->counts(now, idle)) {
    found->second->is_over = true;
    by_hash_.erase(found);
    return {};
  }
  if (uses) found->second->used = now;
  return found->second;
}

void web_sessions::end(const std::string& cookie) {
  auto taken = by_hash_.extract(web_hash(cookie));
  if (taken) taken.mapped()->is_over = true;
}

} // namespace hublink
