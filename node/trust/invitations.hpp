#pragma once
/// At a manager: who was invited, by codes of which it keeps what tells a right one and makes none, in
/// `DIR/invitations.json`. Thread-safe.
#include "protocol/base/role.hpp"
#include "protocol/trust/signing_request.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace hublink {

struct invitation {
  std::string node;
  hublink::role role = role::client;
  int days = 730; ///< of the certificate
  code_verifier verifier{};
  std::int64_t until_ms = 0;
  std::string used_by{};     ///< the key that was certified, hex; empty: it was not used yet
  std::string certificate{}; ///< PEM, of that key
};

class invitations {
 public:
  using clock = std::function<std::chrono::system_clock::time_point()>;
  using signer = std::function<outcome<std::string>(const invitation&)>;
  static constexpr std::chrono::hours lifetime{24};
  static constexpr std::size_t most = 200;

  /// A damaged file is `bad_config`.
  static outcome<std::unique_ptr<invitations>> open(const std::filesystem::path& data, clock wall_clock);

  /// Codes of that node that were not used count no more. Fails with `busy`, `io_error`.
  outcome<> add(invitation made);
  /// Is there one that a node may still come with, or come back with?
  bool any() const;
  /// The certificate for a request, by the code that it proves: made by `sign` the first time, the same one
  /// again for the same key. Fails with `not_registered` if no code of this manager is proved; with
  /// `not_authorised` if it is that of another node, was used for another key, or has ended; or as `sign`.
  outcome<std::string> redeem(const signing_request& request, const signer& sign);

 private:
  invitations(std::filesystem::path file, clock wall_clock)
      : file_(std::move(file)), wall_clock_(std::move(wall_clock)) {}
  outcome<> store(const std::vector<invitation>& all) const;
  std::int64_t now_ms() const;

  std::filesystem::path file_;
  clock wall_clock_;
  mutable std::mutex lock_;
  std::vector<invitation> all_; ///< those that ended are kept a while: their codes get a clear answer
};

} // namespace hublink
