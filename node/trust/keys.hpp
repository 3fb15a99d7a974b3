#pragma once
/// The files behind a node's identity: `DIR/ca/` (the private CA, never needed by a node) and one folder a
/// node, `DIR/NAME/{ca,cert,key,crl}.pem`; with `recipients.pem` where it sends broadcasts or applies them.
#include "protocol/base/secret.hpp"
#include "protocol/trust/credentials.hpp"
#include "protocol/trust/signing_request.hpp"

#include <chrono>
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
  std::shared_ptr<const identity> id; ///< opens what was sealed for the others that still count, too
  std::vector<std::shared_ptr<const identity>> own; ///< by single certificates that count, the newest first
  std::shared_ptr<trust> ca;
  std::string cert_path, key_path, ca_path, crl_path; ///< for TLS contexts
  std::string first_key_path;              ///< that it was given; the same, until it has got a newer one
  std::map<std::string, bytes> recipients; ///< DER, of `recipients.pem`; checked when they are used
};

/// Nobody but root and this process's user can have written what is in there. Fails with `bad_config`. Not
/// for who makes keys for the users of other nodes.
outcome<> check_key_folder(const std::filesystem::path& folder);

/// A node's folder. Refused with one clear line: files missing or unreadable, a key that others can read, a
/// certificate of another name, role (if one is expected) or CA, not valid at `now`, or revoked. `key_file`:
/// where the private key is, if not in the folder. `data`: the node's directory, where it may have got newer
/// ones itself; of all that count the newest is its own.
outcome<node_keys> load_keys(const std::filesystem::path& folder, const std::string& name,
                             std::optional<role> expected, trust::clock_time now,
                             const std::filesystem::path& key_file = {},
                             const std::filesystem::path& data = {});

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
/// What is known elsewhere of a CA: at a manager, who may have the newer list.
struct known_elsewhere {
  std::string list{};         ///< PEM; what is on it stays on it. Empty: none
  std::string certificates{}; ///< PEM: further ones of that name
};
/// Puts every certificate ever issued to `name` on the list, and the new list into all folders: those are
/// returned.
outcome<std::vector<std::string>> revoke_keys(const std::filesystem::path& out, const std::string& name,
                                              trust::clock_time now,
                                              const ask_passphrase& passphrase = no_passphrase,
                                              const known_elsewhere& elsewhere = {});
/// Certificates that the CA in `out` issued to that name, PEM; empty: none.
std::string issued_to(const std::filesystem::path& out, const std::string& name);
/// The single ones of several in PEM.
std::vector<std::string> each_certificate(const std::string& pem);
/// Fails with `bad_config` if it can't be a key folder's.
outcome<> check_node_name(const std::string& name);

struct signing_order {
  std::filesystem::path out; ///< of the CA
  const signing_request& request;
  role holder;
  int days = 730;
  ask_passphrase passphrase = no_passphrase;
  std::optional<std::chrono::seconds> life{}; ///< from its begin to its end, in place of `days`
};
struct signed_keys {
  std::string certificate, ca, list; ///< PEM
};
/// For a key that the node has, and keeps. Who asks is for the caller to know. With `life` the same key gets
/// the same certificate again, as long as that counts: who asks may not have had the answer.
outcome<signed_keys> sign_keys(const signing_order& order, trust::clock_time now);

/// Encrypts the key of a CA that was made without a passphrase.
outcome<> lock_ca(const std::filesystem::path& out, const ask_passphrase& passphrase);
/// Brings the CA into a manager's directory, `data`/ca, so that it can sign by itself: there its key is not
/// encrypted. All is owned by the owner of `data`. Fails with `bad_config` if there is one already.
outcome<> entrust_ca(const std::filesystem::path& out, const std::filesystem::path& data,
                     const ask_passphrase& passphrase);

} // namespace hublink
