#pragma once
/// Where `hublink keys` gets the passphrase of the CA's key from: `--passphrase-file`, `HUBLINK_PASSPHRASE`,
/// or the terminal, unseen.
#include "node/trust/keys.hpp"

#include <CLI/CLI.hpp>

namespace hublink {

struct passphrase_options {
  std::string file;
  bool none = false;   ///< a CA is made without
  bool needed = false; ///< without a terminal, too
};

/// `--passphrase-file FILE`.
void add_passphrase_option(CLI::App& verb, passphrase_options& options);

/// For a CA that is made: at a terminal it is asked for twice, and where there is none, nor another source,
/// the key stays unencrypted, and a line on stderr says so. For one that is there it has to come from
/// somewhere.
ask_passphrase passphrase_by(const passphrase_options& options);

} // namespace hublink
