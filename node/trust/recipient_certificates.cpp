#include "node/trust/recipient_certificates.hpp"
#include "node/trust/keys.hpp"

namespace hublink {

std::map<std::string, std::set<std::string>> broadcast_recipients(const topology& net) {
  std::map<std::string, std::set<std::string>> found;
  for (const auto& [file, transfer] : net.transfers)
    if (transfer.to.size() > 1 || transfer.policy.store != store_policy::never)
      found[transfer.from].insert(transfer.to.begin(), transfer.to.end());
  return found;
}

namespace {

/// A node that made its key itself has its certificate from the CA here, and `recipients.pem` knows nothing
/// of that.
outcome<> add_issued(certificate_map& known, const std::string& name,
                     const std::filesystem::path& authority) {
  if (authority.empty()) return {};
  auto issued = read_certificates(issued_to(authority, name));
  if (!issued) return {errc::bad_config, (authority / "ca").string() + ": " + issued.error().text};
  auto made = issued->find(name);
  if (made == issued->end()) return {};
  auto [place, is_new] = known.insert(*made);
  if (!is_new && begin_of_validity(place->second) <= begin_of_validity(made->second))
    place->second = made->second;
  return {};
}

} // namespace

outcome<certificate_map> certificates_for(const topology& net, const certificate_sources& from) {
  certificate_map needed;
  auto known = load_recipients(from.recipients_pem);
  if (!known) return known;
  for (const auto& [sender, names] : broadcast_recipients(net)) {
    if (names.size() > most_certificates) continue;
    for (const auto& name : names) {
      if (auto added = add_issued(*known, name, from.authority); !added) return added.error();
      auto found = known->find(name);
      if (found == known->end())
        return failure{
            errc::bad_config,
            {},
            from.recipients_pem.string() + " has no certificate of " + name + ", for whom " + sender +
                " seals its files: run hublink keys with this topology and bring the file here, or let " +
                name + " get one by hublink invite; then apply again"};
      needed.insert(*found);
    }
  }
  return needed;
}

void add_certificates(definition& self, const certificate_map& known) {
  std::set<std::string> names;
  for (const auto& [file, send] : self.sends)
    if (is_sealed_for_all(send)) names.insert(send.recipients.begin(), send.recipients.end());
  if (names.size() > most_certificates) return;
  for (const auto& name : names)
    if (auto found = known.find(name); found != known.end()) self.certificates.insert(*found);
}

} // namespace hublink
