#pragma once
/// What travels between a node that has nothing but a code and the server that it asks,
/// docs/protocol/enrolment.md. Nothing of it is secret, and nothing of it is believed for the way that it
/// came.
#include "protocol/trust/signed_form.hpp"
#include "protocol/trust/signing_request.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace hublink {

/// `E` `H` `L`, version 1, and the request's length in 16 bits. The first byte differs from a link's and a
/// data socket's.
inline constexpr std::size_t enrolment_head_size = 6;
inline constexpr std::byte enrolment_first_byte{'E'};
/// Before an answer: its length.
inline constexpr std::size_t enrolment_answer_head_size = 4;
inline constexpr std::size_t max_enrolment_answer = 2 * max_revocation_list;

/// With its head.
bytes frame_enrolment(byte_view request);
/// The length that follows; nothing unless it is one that may be read.
std::optional<std::size_t> read_enrolment_head(std::span<const std::byte, enrolment_head_size> head);

/// What makes a node part of the network.
struct enrolled {
  std::string certificate, ca, list; ///< PEM
};
/// With its head.
bytes frame_answer(const outcome<enrolled>& answer);
std::optional<std::size_t> read_answer_head(std::span<const std::byte, enrolment_answer_head_size> head);
/// Bounds alone are checked. Fails with what was answered, or with `bad_message`.
outcome<enrolled> read_enrolment_answer(byte_view body);

/// Is it what this node asked for? Nobody is believed but the code: the CA is the one that it names, and all
/// else is what that CA signed. Fails with `tampered`, `not_authorised`, `bad_config`.
outcome<> check_enrolled(const enrolled& what, const invitation_code& code, const std::string& node,
                         std::string_view key_pem, trust::clock_time now);

} // namespace hublink
