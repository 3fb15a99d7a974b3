#pragma once
/// Files that are part of the executable and served as they are, to anybody: the console's.
#include "node/web/http_message.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace hublink {

struct static_asset {
  std::string_view path;  ///< `/`, `/app.js`
  std::string_view type;  ///< `text/html; charset=utf-8`
  std::string_view gzip;  ///< the content
  std::string_view etag;  ///< SHA-256 of the content, hex
  bool immutable = false; ///< its name changes with its content
};

std::span<const static_asset> console_assets();

/// Nothing: there is none at that path. Unpacked for who can't take gzip.
std::optional<http_answer> asset_answer(std::span<const static_asset> all, std::string_view path,
                                        const http_request& request);

} // namespace hublink
