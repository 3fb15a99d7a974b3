#include "protocol/base/cbor_shape.hpp"

#include <cstdint>

namespace hublink {
namespace {

struct head {
  int major = 0;
  std::uint64_t argument = 0; ///< value, length or count
};

/// Takes an item's head off the front; nothing if it is cut short, reserved or of indefinite length.
std::optional<head> take_head(byte_view& data) {
  if (data.empty()) return {};
  auto first = std::to_integer<std::uint8_t>(data[0]);
  head found{first >> 5, std::uint64_t(first & 0x1F)};
  data = data.subspan(1);
  if (found.argument < 24) return found;
  if (found.argument > 27) return {};
  std::size_t width = std::size_t(1) << (found.argument - 24);
  if (data.size() < width) return {};
  found.argument = 0;
  for (std::size_t i = 0; i < width; ++i)
    found.argument = found.argument << 8 | std::to_integer<std::uint8_t>(data[i]);
  data = data.subspan(width);
  return found;
}

bool skip_item(byte_view& data, int depth_left, std::size_t& items_left) {
  enum major_type { unsigned_int, negative_int, byte_string, text_string, array, map, tag, simple };
  if (items_left-- == 0) return false;
  auto item = take_head(data);
  if (!item || item->major == tag) return false;
  if (item->major == byte_string || item->major == text_string) {
    if (item->argument > data.size()) return false;
    data = data.subspan(item->argument);
    return true;
  }
  if (item->major != array && item->major != map) return true;
  if (depth_left == 0 || item->argument > data.size()) return false; // an element takes a byte at least
  auto left = item->major == map ? 2 * item->argument : item->argument;
  for (; left > 0; --left)
    if (!skip_item(data, depth_left - 1, items_left)) return false;
  return true;
}

} // namespace

bool is_flat_cbor(byte_view data, int max_depth, std::size_t max_items) {
  return skip_item(data, max_depth, max_items) && data.empty();
}

} // namespace hublink
