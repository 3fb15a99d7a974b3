#pragma once
/// What the kernel knows of a TCP connection's rate. Apart, because <linux/tcp.h> and <netinet/tcp.h> exclude
/// each other.
#include <cstdint>

namespace hublink {

/// The latest rate at which data was delivered to the peer, bytes per second; 0 if it is not known.
std::uint64_t delivery_rate(int fd);

} // namespace hublink
