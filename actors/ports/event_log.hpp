#pragma once
/// The event trace: what every node writes down as it happens. Names and fields are fixed by
/// docs/reference/events.md.
#include "protocol/link/link_message.hpp"

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

/// Each has its name, and `fields` tells what it has: `put(name in JSON, value)` in the order of the manual.
/// Absent values and empty lists are not shown. What stands behind `fields` is for those alone who count
/// events or put them together (metrics, spans).
namespace hublink::event {

/// Which circuit of this node an event is of.
struct circuit_mark {
  std::string open_id{};
  std::string came_by{};  ///< as in `open`
  std::string goes_by{};  ///< the leg to the hop that was asked; empty: none was
  bool is_branch = false; ///< one of several circuits that carry one transfer on: its end is not this part's
  circuit_kind kind = circuit_kind::transfer;
};

/// A neighbour told this node something.
struct told {
  static constexpr std::string_view name = "told";
  circuit_kind kind = circuit_kind::transfer;
  std::string from;
  std::optional<std::string> file;
  std::vector<std::string> destination;
  std::optional<std::string> source;
  std::vector<std::string> only;
  std::uint32_t attempt = 1;

  void fields(auto&& put) const {
    put("kind", to_string(kind));
    put("from", from);
    put("file", file);
    put("destination", destination);
    put("source", source);
    put("only", only);
    put("attempt", attempt > 1 ? std::optional{attempt} : std::nullopt);
  }

  circuit_mark of{};
  std::optional<failure> no{}; ///< it is refused at once, by this node
};

struct next {
  static constexpr std::string_view name = "next";
  std::string host;
  std::optional<std::string> address;
  std::string hop, dialled, by;

  void fields(auto&& put) const {
    put("host", host);
    put("address", address);
    put("hop", hop);
    put("dialled", dialled);
    put("by", by);
  }

  circuit_mark of{};
  std::optional<std::string> file{};
  std::uint32_t attempt = 1;
};

struct opened {
  static constexpr std::string_view name = "opened";
  std::string hop;

  void fields(auto&& put) const { put("hop", hop); }

  circuit_mark of{};
};

struct refused {
  static constexpr std::string_view name = "refused";
  std::string by, reason;
  std::optional<std::uint64_t> count{}; ///< so many in the last minute, that are not written one by one

  void fields(auto&& put) const {
    put("by", by);
    put("reason", reason);
    put("count", count);
  }

  std::optional<errc> code{};
  circuit_mark of{};
};

struct closed {
  static constexpr std::string_view name = "closed";
  std::uint64_t bytes = 0, bytes_back = 0;
  std::string result;               ///< done, failed, cancelled, partial, cut
  std::optional<std::string> hop{}; ///< of a circuit that a broadcast point made itself: where it led

  void fields(auto&& put) const {
    put("bytes", bytes);
    put("bytes_back", bytes_back);
    put("result", result);
    put("hop", hop);
  }

  circuit_mark of{};
  std::optional<errc> given_up{}; ///< at a receiver: with it the transfer is over, and failed
};

struct received {
  static constexpr std::string_view name = "received";
  std::string file, path;
  std::uint64_t bytes = 0;
  std::string digest, from;

  void fields(auto&& put) const {
    put("file", file);
    put("path", path);
    put("bytes", bytes);
    put("digest", digest);
    put("from", from);
  }

  circuit_mark of{};
  std::chrono::system_clock::time_point began{}; ///< publishing; 0: before this start of the node
};

struct sent {
  static constexpr std::string_view name = "sent";
  std::string file;
  std::map<std::string, std::string> receivers; ///< done, failed, pending
  std::uint64_t bytes = 0;

  void fields(auto&& put) const {
    put("file", file);
    put("receivers", receivers);
    put("bytes", bytes);
  }

  std::int64_t began_ms = 0; ///< when it was ordered, since 1970
  std::uint32_t attempts = 0;
  bool is_last = true; ///< else the receivers' results follow
  std::optional<errc> code{};
};

struct job {
  static constexpr std::string_view name = "job";
  std::string file, job, result; ///< pre_send, post_send, post_receive; done or failed
  std::optional<std::string> reason;

  void fields(auto&& put) const {
    put("file", file);
    put("job", job);
    put("result", result);
    put("reason", reason);
  }

  std::int64_t began_ms = 0; ///< since 1970
};

/// What the events of a manager's sessions have.
struct session_facts {
  std::string server, user;
  std::optional<std::string> reason;

  void fields(auto&& put) const {
    put("server", server);
    put("user", user);
    put("reason", reason);
  }
};
struct login : session_facts {
  static constexpr std::string_view name = "login";
};
/// By its user's will.
struct logout : session_facts {
  static constexpr std::string_view name = "logout";
};
struct session_lost : session_facts {
  static constexpr std::string_view name = "session_lost";
};

/// A definition of this node came, and is in force or was refused.
struct definition {
  static constexpr std::string_view name = "definition";
  std::uint64_t version = 0; ///< 0: it could not be read
  std::string from;          ///< who handed it over
  std::optional<std::string> reason;

  void fields(auto&& put) const {
    put("version", version);
    put("from", from);
    put("result", reason ? "refused" : "taken");
    put("reason", reason);
  }
};

/// This node has a newer certificate.
struct renewed {
  static constexpr std::string_view name = "renewed";
  std::string until;  ///< when it ends
  std::string before; ///< when the one before it ends

  void fields(auto&& put) const {
    put("until", until);
    put("before", before);
  }
};

using any = std::variant<told, next, opened, refused, closed, received, sent, job, login, logout,
                         session_lost, definition, renewed>;

/// The names of all events, in the order of `any`.
inline constexpr auto names = []<class... Event>(std::type_identity<std::variant<Event...>>) {
  return std::array{Event::name...};
}(std::type_identity<any>{});

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
