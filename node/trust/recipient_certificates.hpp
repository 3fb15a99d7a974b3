#pragma once
/// The certificates that clients need to seal their broadcasts: `apply` brings them with the definitions.
/// Pure but for the reading of a file.
#include "actors/definition/definition.hpp"
#include "node/topology/topology.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"

#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace hublink {

using certificate_map = std::map<std::string, bytes>; ///< DER, by the holder's name; not checked

/// A client with more recipients goes by its own `recipients.pem`: all must fit into one definition.
inline constexpr std::size_t most_certificates = 500;

/// For whom each sender seals broadcasts and what a store keeps: client → receivers.
std::map<std::string, std::set<std::string>> broadcast_recipients(const topology& net);

/// Where a manager has certificates of others.
struct certificate_sources {
  std::filesystem::path recipients_pem; ///< in its key folder
  std::filesystem::path authority{};    ///< the folder whose `ca` it signs with itself, if it does
};

/// Those that `net` needs, of each name the one that was made last. Fails with `bad_config`, in one line, if
/// one is missing.
outcome<certificate_map> certificates_for(const topology& net, const certificate_sources& from);

/// What `known` has for the broadcasts of this client.
void add_certificates(definition& self, const certificate_map& known);

} // namespace hublink
