#pragma once
/// The variables by which `hublink wrap` tells the preloaded library its settings, read strictly: what does
/// not fit is no setting. Pure, but for the memory that it takes.
#include "settings.hpp"

namespace hublink::wrap {

/// Values; null: not set.
struct variables {
  const char* gateway; ///< HUBLINK_WRAP_GATEWAY: `127.1.1.1:1080` or `[::1]:1080`
  /// HUBLINK_WRAP_RULES: which destinations to take; the first that fits decides. `4 7f010200 24 1 65535;` is
  /// family, address in hex, prefix, first port, last port; with a `-` before, it is not taken. At least one.
  const char* rules;
  const char* user; ///< what the file of HUBLINK_WRAP_USER_FILE says: `user:password`, or not set
  /// HUBLINK_WRAP_NAMES: patterns of names to be looked up at the called side, with a blank between them; or
  /// not set.
  const char* names;
  /// HUBLINK_WRAP_REPLY_S: of datagrams, reply time-out, 0 to 3600; perhaps ` host` or ` any` for who may
  /// reply; perhaps ` extend`.
  const char* reply_s;
};

/// Null, or the name of the variable that can't be read: then `into` is not to be used.
const char* read_settings(const variables& from, settings& into);

} // namespace hublink::wrap
