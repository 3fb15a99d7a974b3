#pragma once
/// A network namespace of its own with nothing but loopback, held by a thread that lives in it. A socket
/// belongs to the namespace in which it is made, and can be used from anywhere.
#include "node/base/unique_fd.hpp"
#include "protocol/base/errors.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace hublink {

class own_network {
 public:
  /// Makes it, with these nftables rules. `bad_config`: it may not be made here, and what to do.
  static outcome<std::unique_ptr<own_network>> make(const std::string& packet_rules);
  ~own_network();

  /// A non-blocking socket inside; none: errno says why.
  unique_fd open(int family, int type, int protocol);
  /// For setns(2).
  unique_fd descriptor();

 private:
  own_network() = default;

  void live();
  void within(std::function<void()> work);

  std::mutex lock_;
  std::condition_variable changed_;
  std::function<void()> work_;
  bool over_ = false;
  std::thread thread_;
};

} // namespace hublink
