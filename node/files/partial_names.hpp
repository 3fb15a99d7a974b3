#pragma once
/// What partial files are called, beside their target.
#include "protocol/base/bytes.hpp"

#include <string>

namespace hublink {

/// Bytes of a name that the file system of an open directory takes.
std::size_t longest_name(int folder);
/// `.NAME.hublink-TRANSFER-GENERATION.part` for the target NAME beside it; a long NAME is shortened, so that
/// all of it has `longest` bytes at most.
std::string partial_name(const std::string& target, const transfer_id& transfer, std::uint32_t generation,
                         std::size_t longest);
/// The same for that directory.
std::string partial_name(int folder, const std::string& target, const transfer_id& transfer,
                         std::uint32_t generation);
/// As a partial file is called until it is clear that files can be renamed there.
std::string trial_name(const std::string& partial);
/// Those that are there, up to that generation: which ones there were, another node says.
void remove_partials(int folder, const std::string& target, const transfer_id& transfer,
                     std::uint32_t newest);

} // namespace hublink
