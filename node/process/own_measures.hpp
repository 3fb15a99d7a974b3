#pragma once
/// Metrics of the parts that the process holds and no actor can be asked for.
#include "node/accounts/accounts.hpp"
#include "node/files/posix_store.hpp"
#include "node/metrics/metric_text.hpp"

#include <functional>
#include <string>

namespace hublink {

/// Adds them, on any thread, for as long as these parts are there. `users`: a server's, else null. `ca_file`:
/// the CA's certificate.
std::function<void(metric_list&)> own_measures(const posix_store& files, const accounts* users,
                                               const std::string& ca_file);

} // namespace hublink
