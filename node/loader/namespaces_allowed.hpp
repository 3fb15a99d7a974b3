#pragma once
/// Where a network namespace of one's own may be made. As program_file.hpp: no C++ runtime.

namespace hublink::loader {

/// This process is root with all that it takes.
bool is_network_administrator();

/// As far as the system says it without a trial: it is that, or user namespaces
/// are open to everybody.
bool namespaces_allowed();

} // namespace hublink::loader
