#pragma once
/// What went wrong, as RFC 9457 has it, with the codes that commands have. Pure.
#include "node/web/http_message.hpp"
#include "protocol/base/errors.hpp"

#include <nlohmann/json_fwd.hpp>

namespace hublink {

/// Of a command. `more`: what its answer has beside `error` and `exit`; may be null.
http_answer problem_answer(const failure& why, const nlohmann::ordered_json& more);
http_answer problem_answer(const failure& why);
/// Of HTTP itself.
http_answer problem_answer(unsigned status, const std::string& why);

unsigned status_of(errc code);

} // namespace hublink
