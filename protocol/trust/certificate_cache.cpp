#include "protocol/trust/certificate_cache.hpp"

#include <ctime>

namespace hublink {

std::shared_ptr<const certificate_cache::known> certificate_cache::find(byte_view certificate) const {
  std::lock_guard lock{mutex_};
  auto found = by_der_.find(std::string{as_text(certificate)});
  return found == by_der_.end() ? nullptr : found->second;
}

void certificate_cache::keep(byte_view certificate, std::shared_ptr<const known> found) {
  std::lock_guard lock{mutex_};
  if (by_der_.size() >= most_) by_der_.clear();
  by_der_.insert_or_assign(std::string{as_text(certificate)}, std::move(found));
}

std::optional<trust::clock_time> time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return trust::clock_time::clock::from_time_t(::timegm(&parts));
}

} // namespace hublink
