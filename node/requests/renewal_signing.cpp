#include "node/requests/renewal_signing.hpp"
#include "node/base/small_file.hpp"
#include "node/topology/topology_check.hpp"
#include "node/trust/renewal_plan.hpp"
#include "protocol/trust/ca_mark.hpp"
#include "protocol/trust/issuer.hpp"

namespace hublink {

std::optional<role> known_role(const definition_services& definitions, const std::string& node) {
  if (auto applied = definitions.applied->now()) {
    auto* found = applied->compiler.net().find(node);
    return found ? found->role : std::nullopt;
  }
  if (definitions.topology_text.empty()) return {};
  auto net = parse_and_check(definitions.topology_text);
  auto* found = net.problems.empty() ? net.value.find(node) : nullptr;
  return found ? found->role : std::nullopt;
}

outcome<> has_ca(const definition_services& definitions, const std::filesystem::path& data) {
  auto folder = data / "ca";
  auto cert = read_small_file(folder / "cert.pem"), key = read_small_file(folder / "key.pem");
  if (!cert || !key)
    return {errc::bad_config, "this manager holds no CA (" + folder.string() +
                                  "): hublink keys entrust brings it here; with a CA that stays elsewhere, "
                                  "hublink keys request and hublink sign do it by files"};
  bool locked = is_locked(*key);
  wipe(*key);
  if (locked)
    return {errc::bad_config, (folder / "key.pem").string() +
                                  " is encrypted, and nobody gives its passphrase here: hublink keys entrust "
                                  "brings it so that the manager can sign"};
  auto mark = mark_of_ca(*cert);
  if (!mark || *mark != definitions.ca->network())
    return {errc::bad_config, folder.string() + " is another network's CA"};
  return {};
}

namespace {

failure no_renewal(std::string why) { return {errc::not_authorised, {}, std::move(why)}; }

/// A node that was taken out of the topology, or is another thing there, comes to no further certificate by
/// itself.
outcome<> is_in_topology(const definition_services& definitions, const trust::holder& who) {
  auto known = known_role(definitions, who.name);
  bool asked = definitions.applied->now() || !definitions.topology_text.empty();
  if (asked && !known) return no_renewal("the topology of this network has no " + who.name + " any more");
  if (known && *known != who.role)
    return no_renewal(who.name + " is a " + std::string{to_string(*known)} +
                      " in the topology, and its certificate is of a " + std::string{to_string(who.role)});
  return {};
}

} // namespace

outcome<signed_keys> sign_renewal(const definition_services& definitions, const std::filesystem::path& data,
                                  const signing_request& request) {
  if (auto usable = has_ca(definitions, data); !usable)
    return {errc::not_registered, "this manager signs nothing: " + usable.error().text};
  const auto now = definitions.wall_clock();
  auto holder = check_renewal(request, *definitions.ca, now);
  if (!holder) return holder.error();
  if (auto there = is_in_topology(definitions, *holder); !there) return there.error();
  auto life = life_of(request.current);
  if (!life) return no_renewal("the certificate of " + holder->name + " has no time that can be read");
  if (now < renewal_earliest(*life))
    return no_renewal("the certificate of " + holder->name + " has not lived for half of its time; " +
                      clock_text(now));
  return sign_keys({.out = data,
                    .request = request,
                    .holder = holder->role,
                    .life = std::chrono::floor<std::chrono::seconds>(life->until - life->from)},
                   now);
}

} // namespace hublink
