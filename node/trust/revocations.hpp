#pragma once
/// The newest list of revoked certificates that a node knows: of its key folder, or one that a manager
/// brought later, in `DIR/crl.pem`. Thread-safe.
#include "protocol/trust/credentials.hpp"

#include <filesystem>
#include <functional>
#include <mutex>

namespace hublink {

class revocations {
 public:
  /// `changed` is called after each newer list: what is open has to be looked at again. `pem`: the text that
  /// `ca` was made with.
  revocations(std::shared_ptr<trust> ca, std::string pem, const std::filesystem::path& data)
      : ca_(std::move(ca)), pem_(std::move(pem)), file_(data / "crl.pem") {}

  /// Takes what was stored earlier, if it is newer. A damaged file is `bad_config`.
  outcome<> open();
  /// True: it is newer, stored and in force. Fails with `tampered`, `bad_config`, `io_error`.
  outcome<bool> take(const std::string& pem);
  std::string current() const;
  std::int64_t number() const { return ca_->list_number(); }
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }
  /// `stored` is called with the number of each newer list once it is on disk.
  void on_stored(std::function<void(std::int64_t number)> stored) { stored_ = std::move(stored); }

 private:
  std::shared_ptr<trust> ca_;
  mutable std::mutex lock_;
  std::string pem_;
  std::filesystem::path file_;
  std::function<void()> changed_ = [] {};
  std::function<void(std::int64_t)> stored_ = [](std::int64_t) {};
};

} // namespace hublink
