#pragma once
/// How the acceptors of this process share its file descriptors when there are few left.
#include <cstdint>
#include <string>

namespace hublink {

/// Who comes in: later ones may have what is kept from earlier ones.
enum class entrance_kind : std::uint8_t { application, node, control };

/// Does a connection with that descriptor leave enough of `most` for those who count more? An eighth (8 to
/// 128) is kept from applications, for links and their data; a thirty-second (4 to 16) for the control
/// socket. The system gives the lowest free number, so a number says how many are in use.
bool leaves_room(int descriptor, entrance_kind of, std::uint64_t most);
/// The same, of what the process may have now.
bool leaves_room(int descriptor, entrance_kind of);

/// Puts into the log that connections are not taken, once for as long as that lasts. Thread-safe.
void note_shortage(entrance_kind of, const std::string& why);

} // namespace hublink
