#include "protocol/base/cbor_fields.hpp"

#include "protocol/base/cbor_shape.hpp"
#include "protocol/base/utf8.hpp"

#include <algorithm>

namespace hublink::cbor {

const json* fields::find(const char* key) const {
  auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

void fields::wrong(const char* key, const char* expected) {
  if (problem_.empty()) problem_ = std::string("field \"") + key + "\": expected " + expected;
}

bool fields::is_name(const json* value) const {
  if (!value || !value->is_string()) return false;
  auto& text = value->get_ref<const std::string&>();
  return !text.empty() && text.size() <= max_name && is_printable(text);
}

std::string fields::name(const char* key) {
  auto value = find(key);
  if (is_name(value)) return value->get<std::string>();
  wrong(key, "a name of 1 to 255 bytes");
  return {};
}

std::optional<std::string> fields::optional_name(const char* key) {
  if (!find(key)) return {};
  return name(key);
}

std::vector<std::string> fields::names(const char* key) {
  auto value = find(key);
  if (!value) return {};
  bool fine = value->is_array() && value->size() <= max_list &&
              std::all_of(value->begin(), value->end(), [this](const json& item) { return is_name(&item); });
  if (fine) return value->get<std::vector<std::string>>();
  wrong(key, "a list of up to 4096 names");
  return {};
}

std::string fields::text(const char* key, std::size_t max_size) {
  auto value = find(key);
  if (!value) return {};
  if (value->is_string()) {
    auto& text = value->get_ref<const std::string&>();
    if (text.size() <= max_size && is_printable(text)) return text;
  }
  wrong(key, "a short printable text");
  return {};
}

std::uint64_t fields::number(const char* key, std::uint64_t least, std::uint64_t most) {
  auto value = find(key);
  if (value && value->is_number_unsigned()) {
    auto found = value->get<std::uint64_t>();
    if (found >= least && found <= most) return found;
  }
  wrong(key, "a number in its range");
  return least;
}

bool fields::flag(const char* key) {
  auto value = find(key);
  if (!value) return false;
  if (value->is_boolean()) return value->get<bool>();
  wrong(key, "true or false");
  return false;
}

token fields::key_of(const char* key) {
  token found{};
  auto value = find(key);
  if (value && value->is_binary() && value->get_binary().size() == found.size())
    std::ranges::copy(std::as_bytes(std::span(value->get_binary())), found.begin());
  else
    wrong(key, "32 bytes");
  return found;
}

std::optional<token> fields::optional_key(const char* key) {
  if (!find(key)) return {};
  return key_of(key);
}

bytes fields::binary(const char* key, std::size_t limit) {
  auto value = find(key);
  if (value && value->is_binary() && value->get_binary().size() <= limit) {
    auto view = std::as_bytes(std::span{value->get_binary()});
    return {view.begin(), view.end()};
  }
  wrong(key, "bytes within bounds");
  return {};
}

transfer_id fields::transfer(const char* key) {
  auto id = name(key);
  if (!is_transfer_id(id)) wrong(key, "32 hex digits");
  return id;
}

std::optional<json> parse_map(byte_view cbor) {
  constexpr int max_depth = 8;
  constexpr std::size_t max_items = 4 * max_list; // three lists of names in one message, and its fields
  if (!is_flat_cbor(cbor, max_depth, max_items)) return {};
  auto first = reinterpret_cast<const std::uint8_t*>(cbor.data());
  auto parsed = json::from_cbor(first, first + cbor.size(), true, false);
  if (!parsed.is_object()) return {};
  return parsed;
}

json to_binary(byte_view data) {
  auto first = reinterpret_cast<const std::uint8_t*>(data.data());
  return json::binary({first, first + data.size()});
}

bytes to_bytes(const json& map) {
  auto octets = json::to_cbor(map);
  auto view = std::as_bytes(std::span{octets});
  return {view.begin(), view.end()};
}

} // namespace hublink::cbor
