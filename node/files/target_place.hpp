#pragma once
/// The place that a received file takes, by the file system that it is on: what keeps it from getting there
/// is found before the file comes.
#include "actors/definition/transfer_policy.hpp"
#include "node/files/file_roots.hpp"

namespace hublink {

/// Whether what is there, if anything, may be replaced.
outcome<> may_take_place(int folder, const file_place& place, if_exists policy);
/// `from` gets the name `to`, atomically; with `if_exists::refuse` only if nothing has it. False, with
/// `errno`.
bool take_name(int folder, const std::string& from, const std::string& to, if_exists policy);
/// That many bytes more in the open file, which has `before` already.
outcome<> has_room(int file, const std::string& shown, std::uint64_t before, std::uint64_t more);

} // namespace hublink
