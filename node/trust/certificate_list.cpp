#include "node/trust/certificate_list.hpp"

#include "node/base/small_file.hpp"
#include "node/base/time_text.hpp"

#include <algorithm>

namespace hublink {

namespace {

namespace fs = std::filesystem;

/// A folder without a certificate is none of a node.
std::optional<listed_certificate> list_folder(const fs::path& folder, trust::clock_time now) {
  auto cert = read_small_file(folder / "cert.pem");
  if (!cert && cert.error().code == errc::file_missing) return {};
  listed_certificate row{.name = folder.filename().string()};
  auto ca_text = read_small_file(folder / "ca.pem"), list = read_small_file(folder / "crl.pem");
  for (auto* text : {&cert, &ca_text, &list})
    if (!*text) {
      row.reason = text->error().text;
      return row;
    }
  auto ca = trust::make(*ca_text, *list);
  auto found = ca ? read_certificates(*cert) : ca.error();
  if (!found || found->size() != 1) {
    row.reason = found ? "cert.pem has not one certificate" : found.error().text;
    return row;
  }
  const auto& [name, der] = *found->begin();
  row.name = name;
  auto holder = (*ca)->check(der, now);
  if (!holder) {
    row.reason = holder.error().text;
    if (auto expired = (*ca)->check_signer(der)) { // not revoked, that is
      row.role = expired->role;
      row.until = end_of_validity(*cert);
    }
    return row;
  }
  row.role = holder->role;
  row.until = holder->until;
  row.state = holder->until - now <= own_certificate::soon ? certificate_state::expires_soon
                                                           : certificate_state::valid;
  return row;
}

} // namespace

outcome<certificate_listing> list_certificates(const fs::path& folder, trust::clock_time now) {
  certificate_listing listing;
  if (auto ca = read_small_file(folder / "ca" / "cert.pem")) listing.ca_until = end_of_validity(*ca);
  if (auto own = list_folder(folder, now)) {
    listing.nodes.push_back(std::move(*own));
    return listing;
  }
  std::error_code problem;
  for (fs::directory_iterator entry{folder, problem}, end; !problem && entry != end;
       entry.increment(problem)) {
    auto name = entry->path().filename().string();
    if (name == "ca" || name.starts_with('.')) continue;
    if (auto row = list_folder(entry->path(), now)) listing.nodes.push_back(std::move(*row));
  }
  if (problem) return {errc::bad_config, folder.string() + " can't be read: " + problem.message()};
  if (listing.nodes.empty())
    return {errc::bad_config, folder.string() + " holds no certificates: hublink keys makes them"};
  std::ranges::sort(listing.nodes, {}, &listed_certificate::name);
  return listing;
}

std::string date_of(trust::clock_time when) { return to_rfc3339(when).substr(0, 10); }

} // namespace hublink
