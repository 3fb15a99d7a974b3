#include "node/enclosure/own_network.hpp"
#include "node/enclosure/firewall.hpp"
#include "node/enclosure/loopback_routes.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>

#include <system_error>

namespace hublink {

outcome<std::unique_ptr<own_network>> own_network::make(const std::string& packet_rules) {
  std::unique_ptr<own_network> made{new own_network};
  made->thread_ = std::thread([network = made.get()] { network->live(); });
  outcome<> result;
  made->within([&] {
    if (::unshare(CLONE_NEWNET) != 0)
      result = failure{errc::bad_config,
                       {},
                       "no network namespace can be made here (" + std::generic_category().message(errno) +
                           "): start it as root, and where namespaces are allowed"};
    if (result) result = lead_all_to_loopback();
    if (result) result = set_packet_rules(packet_rules);
  });
  if (!result) return result.error();
  return made;
}

own_network::~own_network() {
  {
    std::lock_guard held{lock_};
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void own_network::live() {
  std::unique_lock held{lock_};
  for (;;) {
    changed_.wait(held, [this] { return over_ || work_; });
    if (over_) return;
    work_();
    work_ = nullptr;
    changed_.notify_all();
  }
}

void own_network::within(std::function<void()> work) {
  std::unique_lock held{lock_};
  work_ = std::move(work);
  changed_.notify_all();
  changed_.wait(held, [this] { return !work_; });
}

unique_fd own_network::open(int family, int type, int protocol) {
  unique_fd made;
  int error = 0;
  within([&] {
    made = unique_fd{::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol)};
    error = errno;
  });
  errno = error;
  return made;
}

unique_fd own_network::descriptor() {
  unique_fd found;
  within([&] { found = unique_fd{::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)}; });
  return found;
}

} // namespace hublink
