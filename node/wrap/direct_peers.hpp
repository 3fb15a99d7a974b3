#pragma once
/// Who wrote to the application directly, and is answered directly: a server's clients, whose addresses are
/// among those that are taken. Thread-safe.
#include "settings.hpp"

namespace hublink::wrap {

void remember_direct_peer(const plain_address& peer);
bool is_direct_peer(const plain_address& peer);

} // namespace hublink::wrap
