#include "actors/management/session_values.hpp"

namespace hublink {

std::string_view to_string(session_state state) {
  switch (state) {
  case session_state::in:
    return "in";
  case session_state::failed:
    return "failed";
  case session_state::lost:
    break;
  }
  return "lost";
}

} // namespace hublink
