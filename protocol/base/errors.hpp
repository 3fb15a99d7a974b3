#pragma once
/// What can go wrong between nodes: a closed list of codes, the hop where it happened, one line of text.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace hublink {

/// Codes travel by name (`to_string`), so that versions can mix; an unknown name reads as `failed`.
enum class errc : std::uint8_t {
  failed,            ///< no better code fits; the text says what happened
  bad_config,        ///< topology, keys or usage
  unknown_file,      ///< no definition for this file ID here
  not_registered,    ///< a host in this server's segment that is not its client
  not_authorised,    ///< certificate, role or definition forbids it
  no_route,          ///< nothing in routes, neighbours and default matches
  loop,              ///< this `open` is already active here, or the hop limit is used up
  hop_down,          ///< the next hop can't be reached or its link was lost
  timed_out,         ///< the time budget ran out
  busy,              ///< a limit of the node named by the hop
  bad_message,       ///< malformed, too large, unknown type, or out of order
  bad_token,         ///< unknown, used or expired data token
  file_missing,      ///< the sender's source does not exist
  file_denied,       ///< no permission, or not a regular file
  file_changed,      ///< the source changed while it was sent
  file_exists,       ///< `if_exists: refuse` and the target is there
  no_space,          ///< the file system or quota at the hop is full
  io_error,          ///< any other error of the file system
  tampered,          ///< authentication of sealed or signed data failed
  replayed,          ///< an offer or receipt that was used before
  superseded,        ///< a later sequence was published already
  cut,               ///< the circuit ended before its work was done
  cancelled,         ///< somebody asked for it
  unconfirmed,       ///< all was sent but no receipt came
  job_failed,        ///< a job of the node's own configuration went wrong
  line_down,         ///< the line to the next hop does not carry a connection
  not_authenticated, ///< name or password of a user is wrong
  never_sent,        ///< a resend request for what was never sent to the requester
  stored,            ///< a receiver can't be had; the store at the hop keeps the file for it
  expired,           ///< the store kept the file for a receiver as long as it may
};

/// Stable name on the wire and in JSON, for example `no-route`.
std::string_view to_string(errc code);
/// The code with that name; `errc::failed` for unknown names.
errc errc_from_string(std::string_view name);
/// The exit code of a command that ended with `code` (table in docs/errors of interface: 1, 2, 3, 4, 5, 7,
/// 8).
int exit_code(errc code);

/// What stands behind a failure, and so what may follow from it.
enum class evidence : std::uint8_t {
  seen,  ///< on the way: bytes that came, or the unsigned word of a hop. A relay or a bad line can cause it
  own,   ///< this node knows it by itself: by its files, journal, definition or user
  proof, ///< the other end said it under its signature
};

/// One failure, as users see it: `text (at hop)`.
struct failure {
  errc code = errc::failed;
  std::string hop{};  ///< node where it happened; empty until the node fills itself in
  std::string text{}; ///< one line: what, where, what to do
  evidence by = evidence::seen;
  bool at_end = false; ///< a client's home server can't have it: no other way leads there

  bool operator==(const failure&) const = default;
};

/// The same, with that behind it. Nothing else makes a failure more than `seen`; it does not travel.
inline failure known_here(failure what) {
  what.by = evidence::own;
  return what;
}
inline failure said_by_end(failure what) {
  what.by = evidence::proof;
  return what;
}

/// The way broke, not the file or the definitions. Who says so under its signature says no more than that:
/// what a relay altered is all that it got.
bool is_of_the_way(errc code);
/// What came, or what was to be made, did not hold together: a line that alters bytes does that.
bool is_disturbance(errc code);
/// Another way may still lead there: it hinders one way alone, or one hop on it.
bool may_work_elsewhere(const failure& why);
/// A receiver to whom all was sent says that it has not published: one that asked its journal. Of an offer
/// that came altered it knows nothing.
bool denies_all(const failure& why);
/// No further attempt can mend it, and no relay can have caused it.
bool is_for_good(const failure& why);

/// The text as it may leave the node unsealed: failures of the file system without their paths, which would
/// give the file ID away. The whole text is in the node's own journal.
std::string text_for_others(const failure& what);

/// `text (at hop)`, one line.
std::string to_string(const failure& what);

/// A value or the failure that took its place. `outcome<>` carries no value.
template <class T = std::monostate>
class outcome {
 public:
  outcome() requires std::is_default_constructible_v<T> : content_(T{}) {}
  outcome(T value) : content_(std::move(value)) {}
  outcome(failure what) : content_(std::move(what)) {}
  outcome(errc code, std::string text) : content_(failure{code, {}, std::move(text)}) {}

  explicit operator bool() const { return content_.index() == 0; }
  T& operator*() { return std::get<0>(content_); }
  const T& operator*() const { return std::get<0>(content_); }
  T* operator->() { return &std::get<0>(content_); }
  const T* operator->() const { return &std::get<0>(content_); }
  const failure& error() const { return std::get<1>(content_); }

 private:
  std::variant<T, failure> content_;
};

} // namespace hublink
