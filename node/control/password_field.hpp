#pragma once
/// Takes the password out of a command's line before anything else reads that: a reader of JSON leaves copies
/// behind. Pure.
#include "protocol/base/secret.hpp"

#include <memory>
#include <string>

namespace hublink {

/// Of the line's field `password`, if it has one that is a text; there are stars in its place then.
std::shared_ptr<const hublink::secret> take_password(std::string& line);

} // namespace hublink
