#pragma once
/// The right to make a network namespace.
#include "node/base/unique_fd.hpp"
#include "protocol/base/errors.hpp"

namespace hublink {

/// Where this process may not make network namespaces, it goes into a user namespace of its own, in which it
/// may and its user and group are what they were; for setns(2). None: it may as it is. `bad_config` with what
/// to do. Before there are threads.
outcome<unique_fd> user_namespace_if_needed();

} // namespace hublink
