#pragma once
/// The transfer that is meant by a part of its id.
#include "node/commands/control_client.hpp"

#include <span>
#include <string>
#include <string_view>

namespace hublink {

/// An id begins with its time, so those of one minute begin alike: its short form is what stands behind that.
std::string short_id(std::string_view transfer);
/// Is it the id, or the beginning of it or of its short form?
bool names_transfer(std::string_view part, std::string_view transfer);

/// The whole id. What can't be a part of one stays as it is, for the node to judge. `listing`: the verb that
/// names those that may be meant. Fails with `failed` where none or several are.
outcome<std::string> chosen_transfer(const control_call& call, const std::string& part,
                                     const char* listing = "transfers");
/// The same for a command: what is wrong is printed, and its exit code left.
std::optional<std::string> choose_transfer(const control_call& call, const std::string& part, int& exit,
                                           const char* listing = "transfers");

} // namespace hublink
