#pragma once
/// The files behind a node's identity: `DIR/ca/` (the private CA, never needed by a node) and one folder a
/// node, `DIR/NAME/{ca,cert,key,crl}.pem`; with `recipients.pem` where it sends broadcasts or applies them.
#include "protocol/base/secret.hpp"
#include "protocol/trust/credentials.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hublink {

struct node_keys {
  std::shared_ptr<const identity> id;
  std::shared_ptr<trust> ca;
  std::string cert_path, key_path, ca_path, crl_path; ///< for TLS contexts
  std::map<std::string, bytes> recipients; ///< DER, of `recipients.pem`; checked when they are used
};

/// Nobody but root and this process's user can have written what is in there. Fails with `bad_config`. Not
/// for who makes keys for the users of other nodes.
outcome<> check_key_folder(const std::filesystem::path& folder);

/// A node's folder. Refused with one clear line: files missing or unreadable, a key that others can read, a
/// certificate of another name, role (if one is expected) or CA, not valid at `now`, or revoked. `key_file`:
/// where the private key is, if not in the folder.
outcome<node_keys> load_keys(const std::filesystem::path& folder, const std::string& name,
                             std::optional<role> expected, trust::clock_time now,
                             const std::filesystem::path& key_file = {});

/// Certificates by name, of a `recipients.pem`; none if there is no such file. Nothing is checked. Fails with
/// `bad_config` if it can't be read.
outcome<std::map<std::string, bytes>> load_recipients(const std::filesystem::path& file);

/// Asks whoever makes keys for the passphrase of the CA's key, where it is needed. `fresh`: a CA is made now,
/// and an empty one leaves its key unencrypted.
using ask_passphrase = std::function<outcome<secret>(bool fresh)>;
/// For keys that need none.
outcome<secret> no_passphrase(bool fresh);

struct keys_order {
  std::filesystem::path out;
  std::string network; ///< the CA's name
  std::vector<std::pair<std::string, role>> nodes{};
  std::map<std::string, std::vector<std::string>> recipients{}; ///< of a node's broadcasts: into its folder
  int days = 730; ///< validity of nodes' certificates; the CA's is ten years
  ask_passphrase passphrase = no_passphrase;
};
struct keys_report {
  std::vector<std::string> made;     ///< nodes that got keys now
  std::vector<std::string> problems; ///< one line for each node whose keys were there and can't be used
};
/// Makes what is missing and keeps what is there. Killed at any time, it leaves whole folders or none.
outcome<keys_report> make_keys(const keys_order& order, trust::clock_time now);
/// Puts every certificate ever issued to `name` on the list, and the new list into all folders: those are
/// returned.
outcome<std::vector<std::string>> revoke_keys(const std::filesystem::path& out, const std::string& name,
                                              trust::clock_time now,
                                              const ask_passphrase& passphrase = no_passphrase);
/// Encrypts the key of a CA that was made without a passphrase.
outcome<> lock_ca(const std::filesystem::path& out, const ask_passphrase& passphrase);

} // namespace hublink
