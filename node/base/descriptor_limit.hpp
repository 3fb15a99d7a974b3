#pragma once
/// How many files and sockets this process may have open, and those that it starts.
#include <sys/types.h>

namespace hublink {

/// As many as the system lets it have. Once, before there are threads.
void raise_descriptor_limit();
/// A process that was started just now has as many as this one had at its own start: programs that use
/// `select` or go through all descriptors rely on the usual limit.
void restore_descriptor_limit(pid_t started);

} // namespace hublink
