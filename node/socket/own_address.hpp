#pragma once
/// Whether an address is this machine's own: any interface's, any that is routed to the machine itself, or
/// the broadcast address of a network that it is in. Its kernel is asked anew each time: addresses come and
/// go.
#include "protocol/base/address.hpp"

namespace hublink {

/// By the kernel's routes; where these can't be asked (a service without AF_NETLINK), whether a socket can be
/// bound there. Takes some microseconds, blocks never. Where the kernel says nothing at all, it is.
bool is_own_address(const ip_address& address);

} // namespace hublink
