#pragma once
#include <cstdint>

namespace hublink {

/// Whose datagrams count as replies of a flow.
enum class reply_source : std::uint8_t {
  destination, ///< the address that the application's go to
  host,        ///< any port of it
  any          ///< whoever knows the port
};

/// As users write it.
inline const char* to_string(reply_source from) {
  switch (from) {
  case reply_source::host:
    return "host";
  case reply_source::any:
    return "any";
  case reply_source::destination:
    break;
  }
  return "destination";
}

} // namespace hublink
