#include "protocol/transfer/receiving_phase.hpp"

namespace hublink {

bool is_lost_with(const failure& why) {
  if (why.by == evidence::seen) return false;
  switch (why.code) {
  case errc::no_space: // others may need it
  case errc::file_missing:
  case errc::file_denied:
  case errc::file_changed:
  case errc::file_exists:
  case errc::superseded:
  case errc::cancelled:
    return true;
  default:
    return false;
  }
}

} // namespace hublink
