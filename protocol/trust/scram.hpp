#pragma once
/// A password is proved, not handed over: SCRAM-SHA-256-PLUS (RFC 5802, 7677), its salted password by
/// Argon2id, bound to the link's TLS (RFC 9266). docs/protocol/logins.md, has the texts. Pure: both sides
/// of one login, but for the salted password, which is slow to make.
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace hublink::scram {

using key = std::array<std::byte, 32>;
using salt_bytes = std::array<std::byte, 16>;

/// What each guess of a password costs.
struct cost {
  std::uint32_t passes = 2, memory_kib = 65'536;

  bool operator==(const cost&) const = default;
};
/// More than that no server has a use for; less would make guessing cheap for a server that means no good.
inline constexpr cost least_cost{}, most_cost{8, 262'144};

/// How the salted password is made from the password: Argon2id, version 1.3, one lane, 32 bytes.
struct recipe {
  salt_bytes salt{};
  scram::cost cost{};

  bool operator==(const recipe&) const = default;
};

/// What a server keeps of a password: enough to check it, too little to log in with.
struct verifier {
  scram::recipe recipe{};
  key stored{}, server{};

  bool operator==(const verifier&) const = default;
};
verifier make_verifier(const recipe& how, const key& salted_password);

/// Of libsodium's text `$argon2id$v=19$m=…,t=…,p=1$SALT$HASH`, whose hash is the salted password.
std::optional<verifier> verifier_of_hash(std::string_view text);

/// The asking side of one login.
class client {
 public:
  /// `nonce`: fresh, printable, without a comma. `binding`: of the link.
  client(std::string user, std::string nonce, key binding)
      : user_(std::move(user)), nonce_(std::move(nonce)), binding_(binding) {}

  std::string first() const;
  /// Fails with `bad_message`, and where the server asks for too cheap or too dear a recipe.
  outcome<recipe> read_first(std::string_view server_first);
  /// After that.
  std::string final(const key& salted_password);
  /// Fails with `not_authenticated`: the other side does not know what a server of that user knows.
  outcome<> check(std::string_view server_final) const;

 private:
  std::string first_bare() const;

  std::string user_, nonce_;
  key binding_;
  std::string server_first_, both_nonces_;
  key expected_{}; ///< of the server, once the password was proved to it
};

/// What a client begins with. Fails with `bad_message`.
struct greeting {
  std::string user, nonce;

  static outcome<greeting> read(std::string_view client_first);
};

/// The answering side of one login.
class server {
 public:
  server(greeting from, const verifier& keys, const std::string& nonce, key binding);

  const std::string& user() const { return from_.user; }
  std::string first() const;
  /// The last text, or nothing: the client knows the password not, or its login is one for another link.
  std::optional<std::string> prove(std::string_view client_final) const;

 private:
  greeting from_;
  verifier keys_;
  std::string nonces_;
  key binding_;
};

} // namespace hublink::scram
