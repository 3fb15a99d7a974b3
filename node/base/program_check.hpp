#pragma once
/// Can a library be preloaded into a program?
#include "protocol/base/errors.hpp"

#include <string>

namespace hublink {

/// The file that a command name leads to by PATH; empty if there is none.
std::string find_program(const std::string& name);

/// `bad_config` with the reason for a program that would run without the library (node/loader/program_file),
/// and the way out. A script counts as its interpreter, and as the program that it asks `env` for.
outcome<> takes_preload(const std::string& path);

} // namespace hublink
