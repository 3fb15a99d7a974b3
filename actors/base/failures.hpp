#pragma once
/// A failure as an actor's answer, and back.
#include "protocol/base/errors.hpp"

#include <caf/all.hpp>

#include <string>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hublink::failure)

namespace hublink {

/// What an actor answers where it can't do what was asked.
caf::error to_error(failure what);
/// CAF's own errors become `timed_out`, `hop_down` or `failed` at `hop`.
failure to_failure(const caf::error& error, const std::string& hop);

} // namespace hublink
