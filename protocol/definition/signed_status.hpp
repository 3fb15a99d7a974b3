#pragma once
/// A node's status as it signs it itself, so that whoever carries it to a manager can't make one up.
#include "protocol/trust/credentials.hpp"

#include <string>

namespace hublink {

/// So long, hex digits, is a manager's question: one that nobody can have answered before.
inline constexpr std::size_t status_nonce_size = 32;
/// Longer ones are not signed, bytes: that of a client is short.
inline constexpr std::size_t longest_status = 32 * 1024;

/// `content`: JSON. Fails with `bad_config` if it, or the nonce, is too long.
outcome<bytes> sign_status(const std::string& content, const std::string& nonce, const identity& self);
/// The content. Fails with `bad_message`, `tampered` (also if it answers another question), or
/// `not_authorised` unless `node`, with that role, signed it and its certificate counts.
outcome<std::string> verify_status(byte_view from, const std::string& node, role expected,
                                   const std::string& nonce, const trust& ca, trust::clock_time now);

} // namespace hublink
