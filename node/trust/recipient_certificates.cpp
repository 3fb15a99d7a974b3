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

outcome<certificate_map> certificates_for(const topology& net, const std::filesystem::path& recipients_pem) {
  certificate_map needed;
  auto known = load_recipients(recipients_pem);
  if (!known) return known;
  for (const auto& [sender, names] : broadcast_recipients(net)) {
    if (names.size() > most_certificates) continue;
    for (const auto& name : names) {
      auto found = known->find(name);
      if (found == known->end())
        return failure{errc::bad_config,
                       {},
                       recipients_pem.string() + " has no certificate of " + name + ", for whom " + sender +
                           " seals its files: run hublink keys with this topology, bring the file here, and "
                           "apply again"};
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
