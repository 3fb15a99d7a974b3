#pragma once
/// Who this node is: the one object that everybody asks, and that a newer certificate comes into while it
/// runs.
#include "node/link/tls_context.hpp"
#include "node/trust/keys.hpp"
#include "node/trust/renewed_keys.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace hublink {

/// Thread-safe, but for `serve`.
class own_identity {
 public:
  /// Has a place of its own for the certificate that it shows: TLS of links, of gateways, of HTTP.
  using place = std::function<void(const std::shared_ptr<const own_pair>& pair)>;

  own_identity(const node_keys& keys, const std::filesystem::path& data, std::string name, role holder);

  const live_identity& live() const { return live_; }
  const plane_identity& of_links() const { return of_links_; }
  const renewed_keys& files() const { return files_; }

  /// Before the first `put`: hears of each newer certificate.
  void serve(place each) { places_.push_back(std::move(each)); }
  /// It counts from now on for all that begins; those before it open what was sealed for them until they
  /// expire. On disk first. Fails with `io_error`, `no_space`, or `failed` if the key is not its own.
  outcome<> put(own_pair next, trust::clock_time now);
  /// Nothing that has expired is kept.
  void forget_expired(trust::clock_time now);

 private:
  void join();
  void drop_files_expired(trust::clock_time now) const;

  live_identity live_;
  plane_identity of_links_;
  renewed_keys files_;
  std::vector<place> places_;
  std::mutex lock_;
  std::vector<std::shared_ptr<const identity>> all_; ///< the newest first
};

} // namespace hublink
