#pragma once
/// Names that are looked up at the called side. The application gets an address that stands in for the name,
/// of 198.18.0.0/15 (RFC 2544: on no network that it could mean). Thread-safe.
#include "settings.hpp"

namespace hublink::wrap {

/// As HUBLINK_WRAP_NAMES says; never for what is an address already.
bool is_far_name(const char* name);

/// The same for the same name, in this process and the children that it forks. False: no more room, or too
/// long for SOCKS.
bool stand_in_for(const char* name, char (&address)[INET_ADDRSTRLEN]);

/// What `address` stands in for; null if for nothing.
const char* name_behind(const plain_address& address);

} // namespace hublink::wrap
