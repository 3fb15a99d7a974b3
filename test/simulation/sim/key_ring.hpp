#pragma once
/// The network's CA and every node's key: made once per process, whatever the seed, because making keys takes
/// longer than a run.
#include "protocol/trust/credentials.hpp"
#include "protocol/trust/issuer.hpp"

#include <map>
#include <memory>
#include <string>
#include <tuple>

namespace hublink::sim {

class key_ring {
 public:
  static key_ring& of_process();

  /// `renewed`: how often it got another certificate, with another key.
  std::shared_ptr<const identity> of(const std::string& name, role holder, int renewed = 0);
  std::shared_ptr<trust> ca() const { return trust_; }
  const std::string& list() const { return list_; } ///< of revoked certificates, PEM

 private:
  key_ring();

  validity when_;
  certified_key ca_;
  std::string list_;
  std::shared_ptr<trust> trust_;
  std::map<std::tuple<std::string, role, int>, std::shared_ptr<const identity>> made_;
};

} // namespace hublink::sim
