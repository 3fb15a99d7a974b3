#pragma once
/// When a node asks for its next certificate. Pure.
#include "protocol/trust/credentials.hpp"

namespace hublink {

struct own_life {
  trust::clock_time from, until;
};
/// Of a certificate; nothing if it can't be read.
std::optional<own_life> life_of(byte_view certificate);

/// Between two thirds and three quarters of its life: where in there is different for each certificate, so
/// that those that were made in one second are not renewed in one.
trust::clock_time renewal_due(const own_life& life, byte_view certificate);

/// Until it is asked again after so many failures in a row: longer each time, and often enough in what is
/// `left` of the life. `spread`, 0 to 1: by how much it differs from others'.
std::chrono::milliseconds renewal_pause(unsigned failures, std::chrono::milliseconds left, double spread);

/// A manager signs from here on: before half of its life nobody renews a certificate.
trust::clock_time renewal_earliest(const own_life& life);

} // namespace hublink
