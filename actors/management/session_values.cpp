#include "actors/management/session_values.hpp"

namespace hublink {

std::string_view to_string(session_standing state) {
  switch (state) {
  case session_standing::in:
    return "in";
  case session_standing::failed:
    return "failed";
  case session_standing::out:
    return "out";
  case session_standing::lost:
    break;
  }
  return "lost";
}

} // namespace hublink
