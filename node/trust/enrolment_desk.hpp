#pragma once
/// At a server: signing requests of nodes that nobody knows yet, until a manager has answered. Bounded, since
/// anybody may bring one. Thread-safe.
#include "protocol/base/waker_list.hpp"
#include "protocol/trust/enrolment.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace hublink {

class enrolment_desk {
 public:
  using answer = std::function<void(const outcome<enrolled>&)>; ///< once, on any thread
  using clock = std::function<std::chrono::steady_clock::time_point()>;
  static constexpr std::size_t most = 32, most_of_one = 4;
  static constexpr std::size_t most_known =
      256; ///< of nodes that have a certificate; strangers take no place
  static constexpr std::chrono::seconds asked_lately{60};

  explicit enrolment_desk(clock steady = [] { return std::chrono::steady_clock::now(); })
      : clock_(std::move(steady)) {}

  /// The number by which it is known. `source`: an address, or who it is where that is `proven`. Fails with
  /// `busy` for one too many, from one source or in all.
  outcome<std::uint64_t> put(bytes request, const std::string& source, answer to, bool proven = false);
  /// Its time is over: the last that was said of it. No answer comes any more.
  failure take_back(std::uint64_t number);

  struct waiting {
    std::uint64_t number;
    bytes request;
  };
  /// Those that came after that one, for a manager who asks.
  std::vector<waiting> after(std::uint64_t number);
  /// Calls `then`, once, when there are some, as long as what is returned lives.
  [[nodiscard]] waker when_after(std::uint64_t number, std::function<void()> then);
  /// Of no effect if it waits no more.
  void answer_with(std::uint64_t number, const outcome<enrolled>& what);
  /// Of a manager who can't tell: another one may.
  void note(std::uint64_t number, const failure& why);
  bool is_noted(std::uint64_t number);

 private:
  struct entry {
    bytes request;
    std::string source;
    answer to;
    bool proven = false;
    std::optional<failure> said{};
  };

  clock clock_;
  std::mutex lock_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, entry> entries_;
  waker_list wakers_;
  std::optional<std::chrono::steady_clock::time_point> asked_; ///< by a manager, last
};

} // namespace hublink
