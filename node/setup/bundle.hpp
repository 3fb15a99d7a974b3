#pragma once
/// The one file that a machine needs to become a node: its name, its keys, and the topology or where to ask
/// for the definition. JSON; `hublink bundle` writes it, `hublink install` reads it.
#include "protocol/base/errors.hpp"
#include "protocol/base/role.hpp"
#include "protocol/base/secret.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace hublink {

struct bundle {
  std::string network{}, node{};
  hublink::role role = hublink::role::client;
  std::string topology{}; ///< the file's text; empty: it joins
  std::string join{};     ///< where it then asks for its definition
  std::map<std::string, std::string>
      keys{}; ///< `ca.pem`, `cert.pem`, `key.pem`, `crl.pem`, and `recipients.pem` where it has one
};

/// The key folder's files, as they are. Fails with `bad_config`.
outcome<std::map<std::string, std::string>> read_key_folder(const std::filesystem::path& folder);

std::string bundle_text(const bundle& packed);
/// `bad_config` says what is wrong with it. Whether its keys are good, `load_keys` says.
outcome<bundle> read_bundle(std::string_view text);

/// Is the private key in it encrypted?
bool is_locked(const bundle& packed);
/// With a password, and back. Fails with `bad_config` if it is another one.
outcome<> lock(bundle& packed, const secret& password);
outcome<> unlock(bundle& packed, const secret& password);

} // namespace hublink
