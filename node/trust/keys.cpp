#include "node/trust/keys.hpp"

#include "node/base/ownership.hpp"
#include "node/base/small_file.hpp"

#include <cerrno>
#include <cstring>

#include <sys/stat.h>

namespace hublink {
namespace {

constexpr std::size_t most_recipients = 16 << 20; // bytes of certificates: some 20,000

outcome<> check_private(const std::string& key) {
  struct stat facts {};
  if (::stat(key.c_str(), &facts) != 0)
    return {errc::bad_config, key + " can't be read: " + std::strerror(errno)};
  if (!is_ours_to_read(key, facts)) return {errc::bad_config, key + " can be read by others: chmod 600 it"};
  return {};
}

/// As configuration: a missing file is no transfer's.
outcome<std::string> read(const std::string& path) {
  auto text = read_small_file(path);
  if (!text) return {errc::bad_config, text.error().text};
  return text;
}

failure about(const std::string& path, const failure& what) {
  return {errc::bad_config, {}, path + ": " + what.text};
}

} // namespace

outcome<> check_key_folder(const std::filesystem::path& folder) {
  if (auto fine = only_ours_to_write(folder); !fine) return fine;
  for (auto* name : {"key.pem", "cert.pem", "ca.pem", "crl.pem", "recipients.pem"})
    if (auto fine = only_ours_to_write(folder / name); !fine) return fine;
  return {};
}

outcome<node_keys> load_keys(const std::filesystem::path& folder, const std::string& name,
                             std::optional<role> expected, trust::clock_time now,
                             const std::filesystem::path& key_file) {
  node_keys keys;
  keys.cert_path = folder / "cert.pem";
  keys.key_path = key_file.empty() ? folder / "key.pem" : key_file;
  keys.ca_path = folder / "ca.pem";
  keys.crl_path = folder / "crl.pem";
  if (auto fine = check_private(keys.key_path); !fine) return fine.error();
  auto cert = read(keys.cert_path), ca = read(keys.ca_path), crl = read(keys.crl_path);
  for (auto* text : {&cert, &ca, &crl})
    if (!*text) return text->error();
  auto key = read_secret_file(keys.key_path);
  if (!key) return {errc::bad_config, key.error().text};
  auto id = identity::make(*cert, key->view());
  if (!id) return about(keys.cert_path, id.error());
  auto known = trust::make(*ca, *crl);
  if (!known) return about(keys.ca_path, known.error());
  auto holder = (*known)->check((*id)->certificate(), now);
  if (!holder) return about(keys.cert_path, holder.error());
  if (holder->name != name)
    return {errc::bad_config, keys.cert_path + " is of " + holder->name + ", not of " + name};
  if (expected && holder->role != *expected)
    return {errc::bad_config, keys.cert_path + " is of a " + std::string{to_string(holder->role)} + ", but " +
                                  name + " is a " + std::string{to_string(*expected)}};
  auto recipients = load_recipients(folder / "recipients.pem");
  if (!recipients) return recipients.error();
  keys.recipients = std::move(*recipients);
  keys.id = std::move(*id);
  keys.ca = std::move(*known);
  return keys;
}

outcome<std::map<std::string, bytes>> load_recipients(const std::filesystem::path& file) {
  auto text = read_small_file(file, most_recipients);
  if (!text && text.error().code == errc::file_missing) return std::map<std::string, bytes>{};
  if (!text) return failure{errc::bad_config, {}, text.error().text};
  auto found = read_certificates(*text);
  if (!found) return about(file, found.error());
  return found;
}

} // namespace hublink
