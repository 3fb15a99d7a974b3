#pragma once
/// A program may connect to several servers from one port of its own. To the kernel all of these connections
/// lead to the gateway, and there may be one.

namespace hublink::wrap {

/// Puts another socket in the place of one that is bound to a port, at all its descriptors of this process,
/// with its options and watches: bound to the same address, and to a port of the kernel's choice.
/// False: it is bound to none, or no socket can be had; then it stays.
bool leave_own_port(int fd);

/// The same of a socket of Multipath TCP that is not in use: another one, of plain TCP, for a gateway speaks
/// that alone. So goes on what is for Multipath TCP and meets a server that is not.
bool leave_multipath(int fd);

} // namespace hublink::wrap
