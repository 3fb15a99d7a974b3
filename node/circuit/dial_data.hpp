#pragma once
/// The dialling side of a data socket. docs/protocol/links.md, "Data sockets".
#include "node/socket/connect.hpp"
#include "protocol/base/bytes.hpp"

namespace hublink {

/// Connects to the first of these addresses that answers and shows the token, all within the time-out; where
/// it is not taken there, to the others. Calls `done` once, later: a socket whose peer accepted the token,
/// `hop_down`, or `bad_token`.
void dial_data(asio::io_context& context, const endpoints& where, const token& key, const dial_settings& how,
               std::function<void(outcome<std::shared_ptr<tcp::socket>>)> done);

} // namespace hublink
