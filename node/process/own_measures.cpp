#include "node/process/own_measures.hpp"
#include "node/base/small_file.hpp"
#include "protocol/trust/credentials.hpp"

namespace hublink {

std::function<void(metric_list&)> own_measures(const posix_store& files, const accounts* users,
                                               const std::string& ca_file) {
  auto pem = read_small_file(ca_file);
  auto ca_until = pem ? end_of_validity(*pem) : std::nullopt;
  return [&files, users, ca_until](metric_list& to) {
    if (auto spools = files.used_by_spools()) {
      to.gauge("hublink_spool_bytes", "What broadcasts and the store take of the disk.",
               double(spools->bytes));
      to.gauge("hublink_spool_limit_bytes", "What they may take: limits.spool.", double(spools->most));
    }
    if (users)
      to.counter("hublink_login_failures_total", "Logins that this server has refused.",
                 double(users->failed_logins()));
    if (ca_until)
      to.gauge("hublink_certificate_expiry_timestamp_seconds", "When that certificate ends; 0: it has.",
               std::chrono::duration<double>(ca_until->time_since_epoch()).count(), {{"which", "ca"}});
  };
}

} // namespace hublink
