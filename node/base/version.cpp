#include "node/base/version.hpp"

#include <CLI/Version.hpp>
#include <asio/version.hpp>
#include <caf/config.hpp>
#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <sodium.h>
#include <spdlog/version.h>
#include <sqlite3.h>
#include <xxhash.h>
#include <zlib.h>

namespace hublink {

namespace {

std::string dotted(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

} // namespace

std::string_view version() { return HUBLINK_VERSION; }

std::string version_text() {
  const std::pair<const char*, std::string> libraries[] = {
      {"CAF", dotted(CAF_MAJOR_VERSION, CAF_MINOR_VERSION, CAF_PATCH_VERSION)},
      {"asio", dotted(ASIO_VERSION / 100'000, ASIO_VERSION / 100 % 1000, ASIO_VERSION % 100)},
      {"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)},
      {"SQLite", sqlite3_libversion()},
      {"nlohmann/json",
       dotted(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)},
      {"CLI11", CLI11_VERSION},
      {"spdlog", dotted(SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH)},
      {"libsodium", sodium_version_string()},
      {"xxHash", dotted(int(XXH_versionNumber() / 10'000), int(XXH_versionNumber() / 100 % 100),
                        int(XXH_versionNumber() % 100))},
      {"zlib", zlibVersion()}};
  std::string text = "hublink " + std::string{version()} + ", commit " + HUBLINK_COMMIT + "\nwith ";
  for (const auto& [name, number] : libraries)
    text.append(&libraries[0].first == &name ? "" : ", ").append(name).append(" ").append(number);
  return text;
}

} // namespace hublink
