#pragma once
/// Asks the system's resolver for the addresses of names.
#include "protocol/base/dial_address.hpp"
#include "protocol/base/errors.hpp"
#include "protocol/base/fair_share.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>

namespace hublink {

/// The system's resolver blocks who asks, for as long as its name servers are silent. So each name has a
/// thread of its own: none waits for another one's. One thread, that of the context.
class name_lookups {
 public:
  using handler = std::function<void(outcome<std::vector<ip_address>>)>;

  explicit name_lookups(asio::io_context& context);
  ~name_lookups();

  /// Calls `done` once, later, within `limit`: addresses in the order in which they are tried, at least one;
  /// else `no_route` (not known), `timed_out`, or `busy` where `asker` has its share of the threads. Each
  /// with the name and the resolver.
  void look_up(const std::string& name, const std::string& asker, std::chrono::milliseconds limit,
               handler done);
  /// Nobody is told any more. What still waits for the system ends by itself.
  void stop();

 private:
  struct channel;
  struct waiter {
    handler done;
    std::unique_ptr<asio::steady_timer> limit;
  };
  struct question {
    std::string asker; ///< who began it
    std::map<std::uint64_t, waiter> waiting;
  };

  bool begin(const std::string& name, const std::string& asker);
  void give_up(const std::string& name, std::uint64_t number, std::chrono::milliseconds limit);
  void answered(const std::string& name, const outcome<std::vector<ip_address>>& found);

  asio::io_context& context_;
  std::shared_ptr<channel> channel_;
  std::map<std::string, question> questions_; ///< by name
  fair_share threads_;
  std::uint64_t last_number_ = 0;
};

/// The same at once, in this thread, which waits.
outcome<std::vector<ip_address>> look_up_now(const std::string& name);

} // namespace hublink
