#pragma once
/// Certificates that were found good, by their bytes. A transfer shows the same few again and again; reading
/// one and checking its chain costs more than the signature it is for. Thread-safe.
#include "protocol/trust/credentials.hpp"
#include "protocol/trust/p256.hpp"

#include <memory>
#include <mutex>
#include <unordered_map>

namespace hublink {

class certificate_cache {
 public:
  struct known {
    openssl::evp_key key;
    p256::point written; ///< that key
    trust::holder who;
    trust::clock_time from; ///< of the certificate and its CA
  };

  /// `most` are kept; all are forgotten when one more comes. Only checked ones are, so strangers can't fill
  /// it.
  explicit certificate_cache(std::size_t most = 1024) : most_(most) {}

  std::shared_ptr<const known> find(byte_view certificate) const;
  void keep(byte_view certificate, std::shared_ptr<const known> found);

 private:
  std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const known>> by_der_;
};

/// Nothing if it can't be read.
std::optional<trust::clock_time> time_of(const ASN1_TIME* time);

} // namespace hublink
