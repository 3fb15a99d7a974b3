#pragma once
/// A server's accounts, with the first one where there is none yet.
#include "node/accounts/accounts.hpp"
#include "node/process/node_process.hpp"

#include <filesystem>
#include <memory>

namespace hublink {

/// Of that journal. How one logs in with an account that is made now, standard error says, once. Throws
/// `not_started`.
std::unique_ptr<accounts> open_accounts(const node_options& options, const std::filesystem::path& journal);

} // namespace hublink
