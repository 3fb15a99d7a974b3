#include "node/accounts/password_stretcher.hpp"

#include <asio/post.hpp>
#include <sodium.h>

#include <algorithm>
#include <thread>

namespace hublink {

namespace {

constexpr unsigned most_at_once = 4; ///< each takes 64 MiB, or what a server asks for

} // namespace

outcome<scram::key> stretch(const hublink::secret& from, const scram::recipe& how) {
  static_assert(crypto_pwhash_SALTBYTES == sizeof how.salt);
  scram::key made{};
  auto text = from.view();
  auto failed =
      sodium_init() < 0 ||
      crypto_pwhash(reinterpret_cast<unsigned char*>(made.data()), made.size(), text.data(), text.size(),
                    reinterpret_cast<const unsigned char*>(how.salt.data()), how.cost.passes,
                    std::size_t(how.cost.memory_kib) << 10, crypto_pwhash_ALG_ARGON2ID13) != 0;
  if (failed) return {errc::no_space, "no memory to make a key of the password"};
  return made;
}

password_stretcher::password_stretcher()
    : threads_(std::clamp(std::thread::hardware_concurrency(), 1u, most_at_once)) {}

void password_stretcher::stop() {
  threads_.stop();
  threads_.join();
}

void password_stretcher::stretch(std::shared_ptr<const hublink::secret> from, const scram::recipe& how,
                                 handler done) {
  asio::post(threads_,
             [from = std::move(from), how, done = std::move(done)] { done(hublink::stretch(*from, how)); });
}

} // namespace hublink
