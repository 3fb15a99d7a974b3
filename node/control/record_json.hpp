#pragma once
/// JSON shapes of what commands show; docs/reference/json.md.
#include "actors/node/node_interface.hpp"
#include "node/line/neighbour_line.hpp"

#include <nlohmann/json_fwd.hpp>

namespace hublink {

nlohmann::ordered_json to_json(const transfer_record& record);
nlohmann::ordered_json to_json(const ping_report& report);
nlohmann::ordered_json to_json(const load_report& report);
nlohmann::ordered_json to_json(const failure& why);
/// With what its line measured, if there is one in `lines`.
nlohmann::ordered_json to_json(const link_status& link, const line_reports& lines);
nlohmann::ordered_json to_json(const stored_transfer& row);
nlohmann::ordered_json to_json(const session_row& row);

/// The last line of the answer to a command that failed; the hop is `here` if the failure names none.
nlohmann::ordered_json failed_answer(failure why, const std::string& here);

/// Why `node` did not do what it was told, by the last line of its answer, which may be anything; nothing if
/// it did.
std::optional<failure> failure_in(const nlohmann::ordered_json& answer, const std::string& node);

/// Exit code of a command that waited for this transfer's end.
int exit_code(const transfer_record& record);

} // namespace hublink
