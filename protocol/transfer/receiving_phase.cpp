#include "protocol/transfer/receiving_phase.hpp"

namespace hublink {

std::optional<record_type> expected_in(receiving_phase now) {
  switch (now) {
  case receiving_phase::offer:
    return record_type::offer;
  case receiving_phase::segment:
    return record_type::segment;
  case receiving_phase::header:
    return record_type::header;
  case receiving_phase::envelopes:
    return record_type::envelopes;
  case receiving_phase::metadata:
  case receiving_phase::content:
    return record_type::chunk;
  case receiving_phase::end:
    return record_type::end;
  default:
    return {};
  }
}

bool is_lost_with(errc code) {
  switch (code) {
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
