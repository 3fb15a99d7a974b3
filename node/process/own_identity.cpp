#include "node/process/own_identity.hpp"
#include "node/base/small_file.hpp"
#include "node/process/machine.hpp"

namespace hublink {

own_identity::own_identity(const node_keys& keys, const std::filesystem::path& data, std::string name,
                           role holder)
    : live_(keys.id), files_(data), all_(keys.own) {
  of_links_.name = std::move(name);
  of_links_.role = holder;
  of_links_.ca_path = keys.ca_path;
  of_links_.cert_path = keys.cert_path;
  of_links_.key_path = keys.key_path;
  of_links_.crl_path = keys.crl_path;
  of_links_.ca = keys.ca;
  of_links_.id = live_;
  of_links_.wall_clock = wall_clock;
}

outcome<> own_identity::put(own_pair next, trust::clock_time now) {
  auto made = identity::make(next.certificate, next.key.view());
  if (!made) return {errc::failed, "the new certificate: " + made.error().text};
  if (auto kept = files_.keep(next); !kept) return kept.error();
  {
    std::lock_guard guard{lock_};
    all_.insert(all_.begin(), *made);
    join();
  }
  const auto pair = std::make_shared<const own_pair>(std::move(next));
  for (const auto& each : places_) each(pair);
  forget_expired(now);
  return {};
}

void own_identity::join() { live_.replace(identity::succeeding(all_)); }

void own_identity::forget_expired(trust::clock_time now) {
  std::lock_guard guard{lock_};
  auto ended = [now](const std::shared_ptr<const identity>& each) {
    auto until = end_of_validity(each->certificate());
    return until && *until <= now;
  };
  auto first_earlier = all_.begin() + 1;
  auto rest = std::remove_if(first_earlier, all_.end(), ended);
  if (rest == all_.end()) return;
  all_.erase(rest, all_.end());
  join();
  drop_files_expired(now);
}

void own_identity::drop_files_expired(trust::clock_time now) const {
  bool newest = true;
  for (const auto& pair : files_.all()) {
    if (std::exchange(newest, false)) continue;
    auto text = read_small_file(pair / "cert.pem");
    auto until = text ? end_of_validity(*text) : std::nullopt;
    if (until && *until <= now) files_.drop(pair);
  }
}

} // namespace hublink
