#include "node/trust/keys.hpp"

#include "node/base/ownership.hpp"
#include "node/base/small_file.hpp"
#include "node/trust/renewed_keys.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/stat.h>

namespace hublink {
namespace {

constexpr std::size_t most_recipients = 16 << 20; // bytes of certificates: some 20,000

outcome<> check_private(const std::string& key) {
  struct stat facts {};
  if (::stat(key.c_str(), &facts) != 0) {
    if (errno != ENOENT) return {errc::bad_config, key + " can't be read: " + std::strerror(errno)};
    return {errc::bad_config,
            "there is no private key " + key + "; hublink keys makes a node's folder, and --keys names it"};
  }
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

namespace {

struct key_files {
  std::string certificate, key;
};

/// The identity in there, if it counts as that node's.
outcome<std::shared_ptr<const identity>> load_pair(const key_files& files, const trust& ca,
                                                   const std::string& name, std::optional<role> expected,
                                                   trust::clock_time now) {
  if (auto fine = check_private(files.key); !fine) return fine.error();
  auto cert = read(files.certificate);
  if (!cert) return cert.error();
  auto key = read_secret_file(files.key);
  if (!key) return {errc::bad_config, key.error().text};
  auto id = identity::make(*cert, key->view());
  if (!id) return about(files.certificate, id.error());
  auto holder = ca.check((*id)->certificate(), now);
  if (!holder) return about(files.certificate, holder.error());
  if (holder->name != name)
    return {errc::bad_config, files.certificate + " is of " + holder->name + ", not of " + name};
  if (expected && holder->role != *expected)
    return {errc::bad_config, files.certificate + " is of a " + std::string{to_string(holder->role)} +
                                  ", but " + name + " is a " + std::string{to_string(*expected)}};
  return id;
}

} // namespace

outcome<node_keys> load_keys(const std::filesystem::path& folder, const std::string& name,
                             std::optional<role> expected, trust::clock_time now,
                             const std::filesystem::path& key_file, const std::filesystem::path& data) {
  node_keys keys;
  keys.ca_path = folder / "ca.pem";
  keys.crl_path = folder / "crl.pem";
  const key_files first{folder / "cert.pem", key_file.empty() ? folder / "key.pem" : key_file};
  if (auto fine = check_private(first.key); !fine) return fine.error();
  auto cert = read(first.certificate), ca = read(keys.ca_path), crl = read(keys.crl_path);
  for (auto* text : {&cert, &ca, &crl})
    if (!*text) return text->error();
  auto known = trust::make(*ca, *crl);
  if (!known) return about(keys.ca_path, known.error());
  auto by_folder = load_pair(first, **known, name, expected, now);
  std::vector<std::pair<std::shared_ptr<const identity>, key_files>> found;
  if (by_folder) found.emplace_back(*by_folder, first);
  if (!data.empty())
    for (const auto& renewed : renewed_keys{data}.all()) {
      const key_files files{renewed / "cert.pem", renewed / "key.pem"};
      if (auto pair = load_pair(files, **known, name, expected, now)) found.emplace_back(*pair, files);
    }
  if (found.empty()) return by_folder.error();
  std::ranges::stable_sort(found, std::greater{},
                           [](const auto& each) { return begin_of_validity(each.first->certificate()); });
  keys.first_key_path = first.key;
  keys.cert_path = found.front().second.certificate;
  keys.key_path = found.front().second.key;
  for (auto& [id, files] : found) keys.own.push_back(id);
  keys.id = identity::succeeding(keys.own);
  auto recipients = load_recipients(folder / "recipients.pem");
  if (!recipients) return recipients.error();
  keys.recipients = std::move(*recipients);
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
