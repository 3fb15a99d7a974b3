#include "node/trust/revocations.hpp"
#include "node/base/small_file.hpp"

#include <spdlog/spdlog.h>

namespace hublink {

outcome<> revocations::open() {
  auto stored = read_small_file(file_);
  if (!stored && stored.error().code == errc::file_missing) return {};
  if (!stored) return failure{errc::bad_config, {}, stored.error().text};
  auto newer = ca_->renew(*stored);
  if (!newer)
    return failure{errc::bad_config, {}, file_.string() + ": " + newer.error().text + "; remove it"};
  if (*newer) pem_ = *stored;
  return {};
}

outcome<bool> revocations::take(const std::string& pem) {
  {
    std::lock_guard guard{lock_};
    auto newer = ca_->renew(pem);
    if (!newer || !*newer) return newer;
    pem_ = pem;
  }
  // In force before it is written: a full disk must not keep a revoked node in.
  spdlog::info("revocation list {} is in force", number());
  changed_();
  if (auto written = write_small_file(file_, pem, 0644, "before-replace"); !written) return written.error();
  stored_(number());
  return true;
}

std::string revocations::current() const {
  std::lock_guard guard{lock_};
  return pem_;
}

} // namespace hublink
