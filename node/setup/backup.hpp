#pragma once
/// One file with what a node keeps, so that another directory or machine can go on with it: the journal with
/// its accounts, as an SQLite database, and in a table of it the small files beside, tokens among them.
#include "protocol/base/errors.hpp"

#include <filesystem>

namespace hublink {

/// Consistent while the node runs. `keys` not empty: with that key folder, and the CA that a manager holds.
/// What is in the spool and the store is not in it, nor are files and events. Fails with `bad_config`,
/// `io_error`, `no_space`.
outcome<> make_backup(const std::filesystem::path& data, const std::filesystem::path& keys,
                      const std::filesystem::path& file);

/// Is it one at all? Fails with `bad_config`.
outcome<> check_backup(const std::filesystem::path& file);
/// Into a directory that has no journal, and whose node does not run; `keys` empty: they, and a CA, stay in
/// the backup. What is written belongs to the directory's owner. Fails with `bad_config`, `io_error`,
/// `no_space`.
outcome<> restore_backup(const std::filesystem::path& file, const std::filesystem::path& data,
                         const std::filesystem::path& keys);

} // namespace hublink
