#pragma once
/// Why a destination could not be dialled, as the other gateway is told.
#include "protocol/gateway/mux_frame.hpp"

#include <system_error>

namespace hublink {

mux_reason reason_of(std::error_code error);

} // namespace hublink
