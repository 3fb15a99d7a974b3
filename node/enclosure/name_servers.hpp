#pragma once
/// Whom this machine asks for names (resolv.conf(5)).
#include "protocol/base/address.hpp"

#include <string_view>
#include <vector>

namespace hublink {

/// By the text of /etc/resolv.conf; what is no address is passed over, and without any it is this machine.
/// Pure.
std::vector<ip_address> name_servers_of(std::string_view text);
/// By the file.
std::vector<ip_address> name_servers();

} // namespace hublink
