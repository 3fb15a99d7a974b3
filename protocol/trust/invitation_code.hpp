#pragma once
/// A one-time code, by which a node that has nothing becomes part of a network: it proves to the manager that
/// the node was invited, and to the node which CA is the network's.
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"
#include "protocol/base/secret.hpp"
#include "protocol/trust/credentials.hpp"

#include <array>
#include <string>
#include <string_view>

namespace hublink {

/// What a manager keeps of a code: an Ed25519 public key. It tells a right proof, and makes none.
using code_verifier = std::array<std::byte, 32>;

class invitation_code {
 public:
  /// Drawn for the network of that CA; fails if there are no random numbers.
  static outcome<invitation_code> make(const network_mark& ca);
  /// As somebody typed it: case, spaces and hyphens don't matter. Fails with `bad_config`.
  static outcome<invitation_code> read(std::string_view text);

  invitation_code(const invitation_code&) = default;
  invitation_code& operator=(const invitation_code&) = default;
  ~invitation_code();

  /// Twelve groups of four.
  secret text() const;
  code_verifier verifier() const;
  /// 64 bytes.
  bytes prove(byte_view what) const;
  /// Is that the CA of the network that the code is for?
  bool is_for(const network_mark& ca) const;

  static bool is_proof(const code_verifier& by, byte_view what, byte_view proof);

 private:
  static constexpr std::size_t secret_size = 15, mark_size = 14, size = secret_size + mark_size;
  invitation_code() = default;
  std::array<std::byte, 32> seed() const;

  std::array<std::byte, size> raw_{}; ///< the secret, then the beginning of the CA's mark
};

} // namespace hublink
