#pragma once
/// What a browser is shown.
#include "node/process/node_process.hpp"

#include <asio/ssl/context.hpp>

namespace hublink {

/// With the certificate that `local.json` names, or else the node's own. Null: nothing is served to browsers.
/// Throws `not_started`.
std::shared_ptr<asio::ssl::context> web_tls_of(const node_options& options);

} // namespace hublink
