#pragma once
/// TLS of a gateway link, tuned for bulk: records are sealed into one buffer and go out in large writes;
/// reads take as much as there is. Non-blocking; the owner waits. One thread.
#include "node/link/tls_context.hpp"
#include "protocol/gateway/mux_buffer.hpp"

#include <openssl/ssl.h>

#include <string>

namespace hublink {

/// What TLS reads and writes. OpenSSL's own reading ahead moves all that it has to the front of its buffer
/// for each record; this one copies each record once.
struct sealed_bytes {
  static constexpr std::size_t read_size = 256 * 1024;

  int fd;
  mux_buffer in{}, out{};
  bool had_all = false; ///< the socket had no more: asking it would only hold up what came

  /// As recv(2).
  int take(std::span<std::byte> room);
};

/// The node's TLS context, for gateway links: as `make_tls_context`, with AES-128 first, which is as strong
/// as the P-256 certificates and a quarter faster.
outcome<std::shared_ptr<asio::ssl::context>> make_gateway_tls(const plane_identity& own);

class gateway_tls {
 public:
  /// `fd` stays the owner's and is non-blocking. `expected`: the peer's name where this side dialled.
  gateway_tls(std::shared_ptr<asio::ssl::context> context, const plane_identity& own, int fd,
              std::string expected);
  ~gateway_tls();

  /// Goes on with the handshake. True: done, and the peer is a server of this network with the expected name.
  outcome<bool> shake();
  /// The peer's name by its certificate, after the handshake.
  const std::string& peer() const { return peer_; }

  /// Until when the peer's certificate counts; `not_authorised` if it does no more.
  outcome<trust::clock_time> trusted_until() const;

  /// To be shown on the link, if this node has another certificate by now than was shown last.
  std::optional<bytes> newer();
  /// What the peer shows. Fails as `check_shown`, and with `bad_message`.
  outcome<> take_newer(byte_view shown);

  /// Fills `room` as far as bytes are there. 0: none at present. `hop_down` at the end, `orderly` if by FIN.
  outcome<std::size_t> read(std::span<std::byte> room);
  bool ended() const { return ended_; }
  void write(byte_view data);
  /// Sends what was sealed. False: the socket takes no more at present.
  outcome<bool> flush();
  /// Sealed bytes so far.
  std::uint64_t bytes_in() const;
  std::uint64_t bytes_out() const;
  /// Tells the peer that nothing more comes.
  void finish();

 private:
  failure explain(int result, const char* doing) const;
  outcome<trust::holder> holder() const;
  outcome<bool> check_peer();

  std::shared_ptr<asio::ssl::context> context_;
  plane_identity own_;
  std::string expected_, peer_;
  shown_certificates shown_;
  sealed_bytes sealed_;
  SSL* ssl_;
  bool ended_ = false;
};

} // namespace hublink
