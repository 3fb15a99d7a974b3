#pragma once
/// What a node says to the service manager that started it, as sd_notify(3) does: datagrams to the socket
/// that NOTIFY_SOCKET names.
#include <chrono>
#include <optional>

namespace hublink::service_manager {

/// Nobody asked: nothing is said.
void tell_ready();
void tell_stopping();
void tell_alive();

/// What goes to standard error stays in a journal, which others may read later.
bool keeps_output();

/// How often it wants to hear `tell_alive`, at the latest; nothing if it does not.
std::optional<std::chrono::milliseconds> wants_alive_within();

} // namespace hublink::service_manager
