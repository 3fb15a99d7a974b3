#pragma once
/// By whose sessions a command goes at a manager where several users may be logged in. Pure.
#include "actors/management/session_values.hpp"

#include <vector>

namespace hublink {

/// The one who is named, if he has any of these sessions; without a name the only one who is in, or, where
/// nobody is, the only one who was. Else `bad_config`, with who is there.
outcome<std::string> chosen_user(const std::vector<session_row>& rows, const std::string& named);

std::vector<session_row> rows_of(const std::vector<session_row>& rows, const std::string& user);

} // namespace hublink
