#pragma once
/// A node's place on a machine: `ETC/NODE/` with keys, topology and how it starts, `STATE/NODE/` for its
/// data.
#include "node/setup/bundle.hpp"

#include <chrono>
#include <filesystem>
#include <optional>

#include <sys/types.h>

namespace hublink {

struct installation_places {
  std::filesystem::path etc = "/etc/hublink", state = "/var/lib/hublink";
  /// As the node itself will see them; empty: the same.
  std::filesystem::path seen_etc{};
};
struct file_owner {
  uid_t user = 0;
  gid_t group = 0;
};

/// The account that nodes run as on this machine. Fails with `bad_config` and what to do.
outcome<file_owner> node_account(const std::string& name);

struct installation {
  std::filesystem::path config, data;
  std::string listens;  ///< where it serves, by the topology; empty: its definition will say
  bool renewed = false; ///< it was there already
};
/// Checks keys and topology first, then puts all of it there at once, or nothing. What an earlier bundle of
/// the same network and node put there is replaced; other files stay. Private keys stay this user's, data
/// goes to `data_owner`. Fails with `bad_config`, `io_error`.
outcome<installation> install_bundle(const bundle& packed, const installation_places& where,
                                     std::optional<file_owner> data_owner,
                                     std::chrono::system_clock::time_point now);

} // namespace hublink
