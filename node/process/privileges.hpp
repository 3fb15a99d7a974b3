#pragma once
/// What a node gives up when it starts: rights that it does not need to do what its operator wants of it.
#include "node/files/file_roots.hpp"

namespace hublink {

/// For good, before there are threads; the node's directory is there. Where jobs are set nothing is given up:
/// they would lose it, too. Writes a line into the log.
void give_up_privileges(const file_roots& files, bool has_jobs);

} // namespace hublink
