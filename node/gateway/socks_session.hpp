#pragma once
/// One application at the SOCKS5 listener: asks what it wants, lets it be carried, tells it the answer.
#include "node/gateway/socks_login.hpp"
#include "node/gateway/stream_opener.hpp"
#include "node/socket/unproven_connections.hpp"
#include "protocol/gateway/socks.hpp"

namespace hublink {

struct socks_services {
  definition_ptr self;
  std::shared_ptr<stream_book> book;
  stream_opener& opener;
  socks_login& login;
  /// Held until it is clear what the application wants.
  std::shared_ptr<unproven_connections::ticket> place;
};

/// Before it listens: little room for what applications say before they are served, so that few bytes are
/// enough for one to see that it waits.
void tune_socks(tcp::acceptor& listener);

/// Takes over the socket. Ends by itself.
void serve_socks(tcp::socket socket, const endpoint& from, const socks_services& services);

} // namespace hublink
