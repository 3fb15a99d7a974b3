#pragma once
/// A CA, a sender HOST1 and a receiver HOST2, made once per process.
#include "protocol/transfer/transfer_ends.hpp"
#include "protocol/trust/issuer.hpp"

namespace hublink::fuzz {

inline const auto noon = trust::clock_time{std::chrono::hours{24 * 365 * 50}};

struct network {
  certified_key ca, keys1;
  std::string crl;
  std::shared_ptr<const hublink::trust> trust;
  std::shared_ptr<const identity> host1, host2;
};
const network& shared_network();

/// Believes that every certificate is `peer`'s and every signature right, so that inputs get behind them.
std::shared_ptr<const trust> credulous_trust(const std::string& peer);

sending_end_config sending(std::shared_ptr<const trust> ca);
receiving_end_config receiving(std::shared_ptr<const trust> ca);

} // namespace hublink::fuzz
