#pragma once
/// A private CA in memory. All of its certificates are valid around `noon`.
#include "protocol/trust/credentials.hpp"
#include "protocol/trust/issuer.hpp"

#include <memory>
#include <string>

namespace hublink::test {

inline const auto noon = trust::clock_time{std::chrono::hours{24 * 365 * 50}};
inline const validity around_noon{noon - std::chrono::hours{24}, noon + std::chrono::hours{24}};

class test_ca {
 public:
  explicit test_ca(const std::string& network = "test");

  certified_key issue(const std::string& name, role holder = role::client, validity when = around_noon) const;
  std::shared_ptr<const identity> identity_of(const std::string& name, role holder = role::client,
                                              validity when = around_noon) const;
  /// Takes in the list as it is now.
  std::shared_ptr<const hublink::trust> trust() const;
  void revoke(const certified_key& whose);

  const certified_key& ca() const { return ca_; }
  const std::string& crl() const { return crl_; }

 private:
  certified_key ca_;
  std::string crl_;
};

std::shared_ptr<const identity> to_identity(const certified_key& from);

} // namespace hublink::test
