#pragma once
/// What neighbours say to each other on a link. One struct a message, one CBOR object a frame;
/// docs/protocol/links.md has the field names. Unknown fields are ignored, so that versions can mix.
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"
#include "protocol/base/role.hpp"
#include "protocol/link/circuit_kind.hpp"
#include "protocol/trust/shown_certificate.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hublink {

/// Versions of the link protocol that this build speaks. With 2 envelopes have another form, and a login
/// proves the password instead of handing it over; all else is the same.
inline constexpr std::uint16_t version_oldest = 1, version_newest = 2;
inline constexpr std::uint16_t version_of_proofs = 2;
/// Bound of one frame's CBOR, bytes. A frame is a 32-bit big-endian length and that many bytes.
inline constexpr std::uint32_t max_frame = 64 * 1024;
/// An `open` passes at most so many nodes.
inline constexpr std::uint8_t max_hops = 64;

/// First frame on a link, both ways. Nothing else may be said before it.
struct hello {
  std::uint16_t oldest = version_oldest, newest = version_newest;
  std::string name; ///< must be the certificate's
  hublink::role role = role::server;
  std::uint64_t incarnation =
      0; ///< random per start of the process: tells a restarted peer from a second link
};

/// What an `open` is recognised by. A node that has one active already refuses the second: that is a routing
/// loop.
struct open_key {
  std::string open_id; ///< 16 hex digits, made by the origin for each attempt to open
  std::string file;
  std::vector<std::string> destination;

  auto operator<=>(const open_key&) const = default;
};

/// Asks the next hop to make the rest of a circuit.
struct open {
  std::string open_id;
  circuit_kind kind = circuit_kind::transfer;
  transfer_id transfer; ///< one id for the whole journey; a ping has one too
  std::uint32_t attempt = 1;
  std::optional<std::string> file;
  std::vector<std::string> destination; ///< empty: the next hop's own definition decides
  std::optional<std::string> source;    ///< requests: who shall send
  std::vector<std::string> only;        ///< requests: who shall receive
  std::uint32_t budget_ms = 10'000;     ///< time left for the whole rest of the way
  std::uint8_t hops_left = max_hops;
  std::uint32_t round = 0;        ///< of a search under the same `open_id`: earlier ones are over
  std::optional<token> dial_back; ///< the asker can't dial: claim this token at its data port instead
  /// For whose share it counts, by a number that the first server on the way has made up for who asked it.
  /// Others can tell two of its askers apart by it, but not who they are.
  std::optional<std::uint64_t> share{};
  bool reads =
      false; ///< a home server asks its client on behalf of somebody who only looks: no event tells of it
  /// Never told: the id of the leg by which it came to this node (`leg_id`), or the `open_id` where it began.
  /// Empty: that is not known any more.
  std::string came_by{};

  open_key key() const { return {open_id, file.value_or(""), destination}; }
};

/// One node's part in making a circuit: from being asked to answering.
struct hop_time {
  std::string node;
  std::uint32_t micros = 0;
};

/// The rest of the circuit is whole; its data port wants this token.
struct opened {
  token data_token{};
  std::vector<std::string> receivers; ///< planned receivers behind this hop
  std::vector<hop_time> path;         ///< pings only: nearest first
};

/// The asker no longer wants that circuit.
struct abandon {
  open_key key;
  failure why;
};

/// Any frame counts as life; a beat that asks is answered at once.
struct beat {
  bool answer = false;
};

/// "I start nothing new on this connection": another one to the same peer is in use.
struct drain {
  std::optional<failure> why{}; ///< the peer is turned away
};

/// In a management session: a command of its user, or a part of one.
struct command {
  std::uint64_t number = 0; ///< of the asker's choosing, unique in the session
  std::string body;         ///< JSON, up to `max_command_part` bytes of it
  bool more = false;        ///< another part follows
};
/// A line of the answer to a command, or a part of one.
struct report {
  std::uint64_t number = 0;
  std::string body;             ///< JSON
  bool more = false;            ///< the line goes on in the next part
  bool last = false;            ///< nothing follows
  std::optional<failure> why{}; ///< the command failed
};
inline constexpr std::size_t max_command_part = 32 * 1024;

struct open_request {
  std::uint64_t number = 0; ///< of the asker's choosing, unique per direction and incarnation
  open body;
};
struct answer {
  std::uint64_t number = 0;
  std::variant<opened, failure> body;
};
/// A type that this version does not know; one with a number is answered by a failure.
struct unknown_message {
  std::string type;
  std::optional<std::uint64_t> number{};
  std::string kind{}; ///< of an `open` whose kind this version does not know
};

/// What an attempt of that transfer was refused for over this link may be there again.
struct returned {
  transfer_id transfer;
};

using link_message = std::variant<hello, open_request, answer, abandon, beat, drain, unknown_message, command,
                                  report, shown_certificate, returned>;

/// CBOR of one message, without the length; `bad_message` if it would exceed `max_frame`.
outcome<bytes> encode(const link_message& message);
/// Checks types, ranges and bounds of everything; never throws.
outcome<link_message> decode(byte_view cbor);

/// Whether a circuit may be asked of a neighbour, by the version in force; the failure says what to do. A
/// client that speaks 1 opens none of our envelopes, and its own words for that would not be clear.
outcome<> check_version(circuit_kind kind, const std::string& peer, role peer_role, std::uint16_t version);
/// The newest version that both speak, or a failure that names both ranges.
outcome<std::uint16_t> negotiate(const hello& mine, const hello& theirs);

} // namespace hublink
