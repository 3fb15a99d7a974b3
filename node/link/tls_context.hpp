#pragma once
/// How this node speaks TLS on its links, and what went wrong when it could not.
#include "node/trust/renewed_keys.hpp"
#include "protocol/trust/live_identity.hpp"
#include "protocol/trust/shown_certificate.hpp"

#include <asio/ssl/context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace hublink {

/// Who this node is on its links.
struct plane_identity {
  std::string name;
  hublink::role role = role::server;
  std::string ca_path, cert_path, key_path, crl_path; ///< PEM files
  std::shared_ptr<const trust> ca;
  live_identity id{}; ///< none: who only asks for a moment, and shows no newer certificate
  std::function<trust::clock_time()> wall_clock = [] { return trust::clock_time::clock::now(); };

  /// Who holds that certificate, if it counts now.
  outcome<trust::holder> judge(byte_view certificate) const { return ca->check(certificate, wall_clock()); }
};

/// TLS 1.3 alone, certificates on both sides under the network's CA and its CRL, no session resumption.
/// `bad_config` names the file that can't be used.
outcome<std::shared_ptr<asio::ssl::context>> make_tls_context(const plane_identity& own);

/// From now on new connections show that certificate; those that there are go on. On the thread that makes
/// them. A failure leaves all as it was.
outcome<> put_in_place(asio::ssl::context& tls, const own_pair& pair);
/// Of one connection, what it shows of this node and of the peer as time goes on. Its thread.
class shown_certificates {
 public:
  /// What is to be shown on it, if this node has another certificate by now than was shown last.
  std::optional<shown_certificate> newer(const plane_identity& own, SSL* ssl, bool dialled);
  /// Until when the peer's counts. Fails as `check_shown`.
  outcome<trust::clock_time> take(const shown_certificate& shown, const plane_identity& own, SSL* ssl,
                                  const trust::holder& peer, bool dialled);
  /// DER; empty: the one of the handshake.
  const bytes& of_peer() const { return of_peer_; }

 private:
  bytes own_, of_peer_;
};

/// A failed handshake or read as one clear line. An alert by which the peer refuses this node's certificate
/// becomes `not_authorised`, everything else `hop_down`. `who`: name or address of the peer.
failure explain_tls(std::error_code error, const std::string& who);

} // namespace hublink
