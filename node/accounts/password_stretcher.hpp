#pragma once
/// Makes passwords into keys, slowly, on purpose: 64 MiB and about a tenth of a second each.
#include "protocol/base/secret.hpp"
#include "protocol/trust/scram.hpp"

#include <asio/thread_pool.hpp>

#include <functional>
#include <memory>

namespace hublink {

/// The salted password. Blocking. Fails with `no_space` where there is no memory for that.
outcome<scram::key> stretch(const hublink::secret& from, const scram::recipe& how);

/// Does that on threads of its own, for a manager that logs in at many servers. Thread-safe.
class password_stretcher {
 public:
  using handler = std::function<void(outcome<scram::key>)>; ///< called on one of its threads

  password_stretcher();
  ~password_stretcher() { stop(); }
  /// What has not begun is dropped.
  void stop();
  void stretch(std::shared_ptr<const hublink::secret> from, const scram::recipe& how, handler done);

 private:
  asio::thread_pool threads_;
};

} // namespace hublink
