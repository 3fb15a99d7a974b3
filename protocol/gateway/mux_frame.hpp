#pragma once
/// The frames of a gateway link; docs/protocol/gateways.md. Encoding and decoding only, no state.
#include "protocol/base/address.hpp"
#include "protocol/base/bytes.hpp"
#include "protocol/base/errors.hpp"
#include "protocol/gateway/reply_source.hpp"
#include "protocol/trust/shown_certificate.hpp"

#include <cstdint>
#include <string>

namespace hublink {

/// A stream of bytes or a flow of datagrams on one gateway link. The side that dialled the link gives odd
/// numbers, the other one even ones; none is used twice.
using mux_id = std::uint32_t;

enum class mux_type : std::uint8_t {
  hello,      ///< first, both ways
  open,       ///< a stream; answered by `opened` or `refused`
  opened,     ///< the destination is connected
  refused,    ///< it is not; the stream does not exist
  data,       ///< within the credit that was given
  credit,     ///< so many more bytes may be sent
  fin,        ///< the sender's direction ends here
  reset,      ///< the sender's connection was reset; the stream is gone
  stop,       ///< the sender takes no more of the other direction
  ping,       ///< answered by `pong` with the same number
  pong,       //
  going_away, ///< opens nothing more, and wants to be asked nothing more
  flow,       ///< a flow of datagrams; no answer unless it is refused
  datagram,   //
  flow_end,   ///< no datagram of that flow will be forwarded any more; says why
  // Only to a peer whose hello says version 2 or more.
  urgent,     ///< one byte of a stream that was sent as urgent data; else as `data`
  keep_alive, ///< how the application watches over its connection; for the destination's
  flow_rules, ///< who may reply, and for how long; behind `flow`
  beside,     ///< a datagram from an address that is not the flow's destination, or to one that replied so
  // Only to a peer whose hello says version 3 or more.
  certificate ///< the sender's certificate is another one by now; with its proof
};

/// Of this program's hello.
inline constexpr std::uint8_t mux_version = 3;

/// Length (24 bit) of what follows the header, type (8), stream (32), big-endian.
inline constexpr std::size_t mux_head_size = 8;
inline constexpr std::uint32_t mux_max_data = 64 * 1024;
/// The largest UDP payload over IPv4; IPv6 without jumbograms takes 20 more, which nobody can send.
inline constexpr std::uint32_t mux_max_datagram = 65'507;
/// In front of a datagram `beside`: family (8), port (16), address.
inline constexpr std::uint32_t mux_max_beside = mux_max_datagram + 3 + 16;
/// Of a certificate with its proof.
inline constexpr std::uint32_t mux_max_certificate = max_shown;
/// Bound of every other frame.
inline constexpr std::uint32_t mux_max_control = 512;

struct mux_head {
  std::uint32_t size = 0;
  mux_type type = mux_type::hello;
  mux_id stream = 0;
};
void put_head(std::byte* at, const mux_head& head);
/// `bad_message`: unknown type, or longer than its type may be.
outcome<mux_head> read_head(std::span<const std::byte, mux_head_size> data);

struct mux_hello {
  std::uint8_t version = mux_version;
  std::uint32_t window = 0;      ///< credit of each new stream towards the sender of this hello, bytes
  std::uint32_t max_streams = 0; ///< that the other side may have open at once
};

/// Where a stream or flow shall lead.
struct mux_target {
  enum class by : std::uint8_t { gateway = 1, address = 2, host = 3 };

  by kind = by::gateway;
  std::string name;                  ///< the gateway's, or the host's
  endpoint where{};                  ///< `address`; of `host` only the port
  std::uint8_t hops_left = 8;        ///< a stream that passes several pairs of gateways
  std::uint16_t reply_timeout_s = 0; ///< flows that name no gateway

  bool operator==(const mux_target&) const = default;
};
/// `db`, `127.1.2.50:5432`, `www.example:80`
std::string to_string(const mux_target& target);

/// Why a stream or flow is refused or ended.
enum class mux_reason : std::uint8_t {
  failed,
  not_allowed,    ///< policy of the called side
  unknown,        ///< it has no such gateway
  no_address,     ///< the host's name has none
  refused,        ///< by the destination
  unreachable,    ///< no way to the destination
  timed_out,      ///< the destination does not answer
  busy,           ///< a limit
  loop,           ///< the hop limit
  closing,        ///< the link, or the node, ends
  no_more_replies ///< of flows: the time for replies is over
};
std::string_view to_string(mux_reason reason);

struct mux_refusal {
  mux_reason reason = mux_reason::failed;
  std::string text; ///< one line
};

/// How an application watches over its connection. Times of 0: as the gateway has it.
struct mux_keep_alive {
  bool on = false;                   ///< SO_KEEPALIVE
  std::uint16_t idle_s = 0;          ///< TCP_KEEPIDLE
  std::uint16_t interval_s = 0;      ///< TCP_KEEPINTVL
  std::uint8_t probes = 0;           ///< TCP_KEEPCNT
  std::uint32_t user_timeout_ms = 0; ///< TCP_USER_TIMEOUT

  bool operator==(const mux_keep_alive&) const = default;
};

/// Of a flow that names no gateway.
struct mux_flow_rules {
  reply_source replies_from = reply_source::destination;
  bool replies_extend = false;

  bool operator==(const mux_flow_rules&) const = default;
};
struct mux_beside {
  endpoint where{};
  byte_view data;
};

/// Whole frames, appended.
void append_frame(bytes& to, mux_type type, mux_id stream, byte_view body = {});
void append_hello(bytes& to, const mux_hello& hello);
void append_target(bytes& to, mux_type type, mux_id stream, const mux_target& target);
void append_refusal(bytes& to, mux_type type, mux_id stream, const mux_refusal& why);
void append_number(bytes& to, mux_type type, mux_id stream, std::uint32_t number);
void append_keep_alive(bytes& to, mux_id stream, const mux_keep_alive& how);
void append_flow_rules(bytes& to, mux_id flow, const mux_flow_rules& rules);
/// The body alone.
bytes beside_body(const endpoint& where, byte_view data);

/// Bodies; `bad_message` if they are malformed. Bytes behind what is known are ignored in `hello` and in
/// rules, so that versions can mix.
outcome<mux_hello> read_hello(byte_view body);
outcome<mux_target> read_target(byte_view body);
outcome<mux_refusal> read_refusal(byte_view body);
outcome<std::uint32_t> read_number(byte_view body);
outcome<mux_keep_alive> read_keep_alive(byte_view body);
outcome<mux_flow_rules> read_flow_rules(byte_view body);
outcome<mux_beside> read_beside(byte_view body);
/// Of a reset; `failed` where it says nothing.
mux_reason read_reset(byte_view body);

} // namespace hublink
