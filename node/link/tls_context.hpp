#pragma once
/// How this node speaks TLS on its links, and what went wrong when it could not.
#include "protocol/trust/credentials.hpp"

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
  std::function<trust::clock_time()> wall_clock = [] { return trust::clock_time::clock::now(); };

  /// Who holds that certificate, if it counts now.
  outcome<trust::holder> judge(byte_view certificate) const { return ca->check(certificate, wall_clock()); }
};

/// TLS 1.3 alone, certificates on both sides under the network's CA and its CRL, no session resumption.
/// `bad_config` names the file that can't be used.
outcome<std::shared_ptr<asio::ssl::context>> make_tls_context(const plane_identity& own);

/// A failed handshake or read as one clear line. An alert by which the peer refuses this node's certificate
/// becomes `not_authorised`, everything else `hop_down`. `who`: name or address of the peer.
failure explain_tls(std::error_code error, const std::string& who);

} // namespace hublink
