#pragma once
/// The event trace: what every node writes down as it happens. Names and fields are fixed by docs/json.md.
#include "protocol/link/link_message.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hublink::event {

struct told {
  circuit_kind kind = circuit_kind::transfer;
  std::string from;
  std::optional<std::string> file;
  std::vector<std::string> destination;
  std::optional<std::string> source;
  std::vector<std::string> only;
  std::uint32_t attempt = 1; ///< written from the second on
};
struct next {
  std::string host;
  std::optional<std::string> address;
  std::string hop, dialled, by;
};
struct opened {
  std::string hop;
};
struct refused {
  std::string by, reason;
};
struct closed {
  std::uint64_t bytes = 0, bytes_back = 0;
  std::string result; ///< done, failed, cancelled, partial, cut
  std::string hop{};  ///< of a broadcast's branch: where it led
};
struct received {
  std::string file, path;
  std::uint64_t bytes = 0;
  std::string digest, from;
};
struct sent {
  std::string file;
  std::map<std::string, std::string> receivers; ///< done, failed, pending
  std::uint64_t bytes = 0;
};

struct job {
  std::string file, job, result, reason; ///< pre_send, post_send, post_receive; done or failed
};

/// A management session began, ended by its user's will, or was lost.
struct session {
  enum class change : std::uint8_t { login, logout, lost };
  change what = change::login;
  std::string server, user;
  std::optional<std::string> reason;
};

/// A definition of this node came, and is in force or was refused.
struct definition {
  std::uint64_t version = 0; ///< 0: it could not be read
  std::string from;          ///< who handed it over
  std::optional<std::string> reason;
};

using any = std::variant<told, next, opened, refused, closed, received, sent, job, session, definition>;

} // namespace hublink::event

namespace hublink {

class event_log {
 public:
  virtual ~event_log() = default;
  /// Thread-safe; the node's name and the time are added. Never fails: a full disk is reported in the log and
  /// counted.
  virtual void write(const transfer_id& transfer, const event::any& what) = 0;
};

} // namespace hublink
