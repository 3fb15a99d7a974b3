#include "node/web/static_assets.hpp"

#include <openssl/sha.h>

#include <array>

extern "C" {
extern const char hublink_console_page[], hublink_console_page_end[];
extern const char hublink_console_script[], hublink_console_script_end[];
extern const char hublink_console_style[], hublink_console_style_end[];
extern const char hublink_console_licences[], hublink_console_licences_end[];
}

namespace hublink {

namespace {

/// SHA-256 of what is served: gzip is made without a time, so equal content is equal bytes.
std::string tag_of(std::string_view packed) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> sum{};
  SHA256(reinterpret_cast<const unsigned char*>(packed.data()), packed.size(), sum.data());
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (auto byte : sum) hex += {digits[byte >> 4], digits[byte & 15]};
  return hex;
}

std::string_view between(const char* begin, const char* end) {
  return {begin, std::size_t(end - begin)};
}

} // namespace

std::span<const static_asset> console_assets() {
  static const auto page = between(hublink_console_page, hublink_console_page_end);
  static const auto script = between(hublink_console_script, hublink_console_script_end);
  static const auto style = between(hublink_console_style, hublink_console_style_end);
  static const auto licences = between(hublink_console_licences, hublink_console_licences_end);
  static const std::array tags{tag_of(page), tag_of(script), tag_of(style), tag_of(licences)};
  static const std::array all{
      static_asset{"/", "text/html; charset=utf-8", page, tags[0]},
      static_asset{"/console.js", "text/javascript; charset=utf-8", script, tags[1]},
      static_asset{"/console.css", "text/css; charset=utf-8", style, tags[2]},
      static_asset{"/licences.txt", "text/plain; charset=utf-8", licences, tags[3]},
  };
  return all;
}

} // namespace hublink
