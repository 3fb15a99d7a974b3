#pragma once
/// Rules that the kernel holds a process to, whatever happens in it (Landlock, Linux 5.13 and newer).
#include <string>
#include <vector>

namespace hublink::landlock {

/// From now on nothing is written, made, removed or executed on any file system but below `folders`, of which
/// those count that are there. False: the kernel has no Landlock, or does not let this process use it. Before
/// there are threads; needs no-new-privileges or root.
bool write_only_below(const std::vector<std::string>& folders);

/// From now on this process neither looks into others that are not its own children, nor changes what is
/// mounted. False as above.
bool stay_apart();

} // namespace hublink::landlock
