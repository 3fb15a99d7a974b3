#pragma once
/// The certificates that a node got after its first, each with its key, in its directory:
/// DIR/keys.renewed/NUMBER has cert.pem and key.pem, and comes as a whole or not at all. The key folder stays
/// as it is: a node may be unable to write there.
#include "protocol/base/errors.hpp"
#include "protocol/base/secret.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace hublink {

/// PEM.
struct own_pair {
  std::string certificate;
  secret key;
};

class renewed_keys {
 public:
  explicit renewed_keys(const std::filesystem::path& data) : folder_(data / "keys.renewed") {}

  const std::filesystem::path& folder() const { return folder_; }
  /// Of each pair the folder, the newest first.
  std::vector<std::filesystem::path> all() const;
  /// The key for the next certificate: made where there is none, so that after a crash the same one asks.
  outcome<secret> next_key() const;
  /// Its folder. Afterwards the next key is another one. Fails with `io_error`, `no_space`.
  outcome<std::filesystem::path> keep(const own_pair& pair) const;
  /// One that nobody needs any more. A failure is found out at the next start.
  void drop(const std::filesystem::path& pair) const;

 private:
  std::filesystem::path folder_;
};

} // namespace hublink
