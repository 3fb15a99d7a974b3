#include "node/base/version.hpp"

namespace hublink {

std::string_view version() { return HUBLINK_VERSION; }

} // namespace hublink
