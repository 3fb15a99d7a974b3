#include "node/gateway/dial_reason.hpp"

#include <cerrno>

namespace hublink {

mux_reason reason_of(std::error_code error) {
  switch (error.value()) { // by number: asio's category does not answer for all conditions
  case ECONNREFUSED:
    return mux_reason::refused;
  case ETIMEDOUT:
    return mux_reason::timed_out;
  case ENETUNREACH:
  case EHOSTUNREACH:
    return mux_reason::unreachable;
  case EMFILE:
  case ENFILE:
  case EADDRNOTAVAIL:
    return mux_reason::busy;
  default:
    return mux_reason::failed;
  }
}

mux_reason lookup_reason(errc code) {
  if (code == errc::timed_out) return mux_reason::timed_out;
  return code == errc::busy ? mux_reason::busy : mux_reason::no_address;
}

} // namespace hublink
