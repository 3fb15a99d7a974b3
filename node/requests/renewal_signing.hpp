#pragma once
/// At a manager that has the CA: who gets a newer certificate for the one that he has.
#include "node/definition/definition_services.hpp"
#include "node/trust/keys.hpp"

namespace hublink {

/// The CA in this manager's directory can sign, and is that of this network.
outcome<> has_ca(const definition_services& definitions, const std::filesystem::path& data);
/// As what was applied says, or else the topology file that the manager was started with. Nothing: neither
/// has it.
std::optional<role> known_role(const definition_services& definitions, const std::string& node);

/// As long a certificate as the one that proves the request, for a node that the topology still has. Fails
/// with `not_authorised`; with `not_registered` where another manager may have the CA.
outcome<signed_keys> sign_renewal(const definition_services& definitions, const std::filesystem::path& data,
                                  const signing_request& request);

} // namespace hublink
