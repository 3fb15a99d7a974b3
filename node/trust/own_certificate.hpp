#pragma once
/// How this node's own certificate stands, and what its operator is told about that. Thread-safe.
#include "protocol/trust/live_identity.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace hublink {

enum class certificate_state : std::uint8_t { valid, expires_soon, ended };
std::string_view to_string(certificate_state state); ///< as `status --json` shows it

class own_certificate {
 public:
  using clock = std::function<trust::clock_time()>;
  static constexpr std::chrono::hours soon{24 * 30}; ///< before its end
  static constexpr std::chrono::hours remind{24};    ///< said again
  static constexpr std::chrono::hours first_warning{24 * 60};

  struct standing {
    certificate_state state = certificate_state::valid;
    std::optional<trust::clock_time> until{};  ///< unless it has ended
    std::string problem{};                     ///< if it has ended: why
    std::optional<trust::clock_time> renews{}; ///< when it asks for the next one, or asks again
    std::string not_renewed{};                 ///< why there is none although it has asked
  };

  own_certificate(live_identity self, std::shared_ptr<const trust> ca, clock wall_clock)
      : self_(std::move(self)), ca_(std::move(ca)), wall_clock_(std::move(wall_clock)) {}

  standing now() const;
  /// A line for the log where there is something to say: once when it has 60 days left, when the state
  /// changes, then once a day until it is valid again.
  std::optional<std::string> news();
  /// How it stands with the next one, for `now`.
  void note_renewal(std::optional<trust::clock_time> when, std::string problem);

 private:
  live_identity self_;
  std::shared_ptr<const trust> ca_;
  clock wall_clock_;
  mutable std::mutex lock_;
  std::optional<trust::clock_time> renews_;
  std::string not_renewed_;
  certificate_state said_ = certificate_state::valid;
  trust::clock_time said_at_{};
  bool said_early_ = false;
};

} // namespace hublink
