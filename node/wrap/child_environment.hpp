#pragma once
/// What a program has to find in its environment to run with this library. No memory of the heap: also called
/// between `vfork` and `exec`.
#include <cstddef>

namespace hublink::wrap {

/// The path of this library, as it was preloaded.
const char* own_path();
/// What `hublink wrap` said, by the name behind HUBLINK_WRAP_; null: nothing.
const char* told(const char* name);

/// Memory that `complete` needs, in bytes; none where nothing is missing.
struct environment_room {
  std::size_t entries, text;
};
environment_room room_for(char* const* environment);
/// The variables that a program is to begin with: the given ones, or what was made in that room.
char* const* complete(char* const* environment, const environment_room& room, void* entries, void* text);

/// The same for the environment of this process.
void complete_own();

} // namespace hublink::wrap

/// For a `hublink wrap` that runs with this library itself: what its environment says now counts from here
/// on.
extern "C" void hublink_wrap_settings_changed();
