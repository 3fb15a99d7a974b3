#include "node/process/web_tls.hpp"
#include "node/process/needed.hpp"

namespace hublink {

std::shared_ptr<asio::ssl::context> web_tls_of(const node_options& options) {
  const auto& web = options.web.web;
  if (!web) return {};
  const bool own = web->certificate.empty();
  return needed(
      make_web_tls(own ? options.keys.cert_path : web->certificate, own ? options.keys.key_path : web->key));
}

} // namespace hublink
