#pragma once
/// Why a destination could not be dialled, as the other gateway is told.
#include "protocol/base/errors.hpp"
#include "protocol/gateway/mux_frame.hpp"

#include <system_error>

namespace hublink {

mux_reason reason_of(std::error_code error);
/// The same of a name that was not found.
mux_reason lookup_reason(errc code);

} // namespace hublink
