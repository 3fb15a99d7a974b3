#include "node/web/static_assets.hpp"

namespace hublink {

std::span<const static_asset> console_assets() { return {}; }

} // namespace hublink
