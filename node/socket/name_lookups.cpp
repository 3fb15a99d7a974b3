#include "node/socket/name_lookups.hpp"

#include "node/socket/sockets.hpp"

#include <asio/post.hpp>

#include <netdb.h>
#include <pthread.h>

#include <cstring>
#include <fstream>
#include <mutex>
#include <system_error>
#include <thread>

namespace hublink {
namespace {

constexpr std::uint64_t most_threads = 256;
/// Of one name; who has more is a mistake or an attack.
constexpr std::size_t most_addresses = 32;

/// As messages name it: with the name servers that the machine asks.
std::string describe_resolver() {
  std::ifstream file("/etc/resolv.conf");
  std::string servers, word, address;
  for (std::string line; std::getline(file, line) && servers.size() < 120;) {
    std::istringstream words(line);
    if (words >> word >> address && word == "nameserver" && ip_address::parse(address))
      servers += (servers.empty() ? " (name server " : ", ") + address;
  }
  return "the system's resolver" + (servers.empty() ? "" : servers + ")");
}

failure not_known(const std::string& name, const std::string& resolver, const std::string& why) {
  return {errc::no_route, {}, resolver + " has no address of " + name + ": " + why};
}

outcome<std::vector<ip_address>> ask_system(const std::string& name, const std::string& resolver) {
  addrinfo wanted{}, *found = nullptr;
  wanted.ai_socktype = SOCK_STREAM;
  const auto error = ::getaddrinfo(name.c_str(), nullptr, &wanted, &found);
  if (error != 0)
    return not_known(name, resolver, error == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(error));
  std::vector<ip_address> addresses;
  for (auto* row = found; row; row = row->ai_next) {
    if (row->ai_family != AF_INET && row->ai_family != AF_INET6) continue;
    tcp::endpoint where;
    std::memcpy(where.data(), row->ai_addr, std::min<std::size_t>(row->ai_addrlen, where.capacity()));
    addresses.push_back(from_asio(where).address);
  }
  ::freeaddrinfo(found);
  addresses = dial_order(addresses);
  if (addresses.size() > most_addresses) addresses.resize(most_addresses);
  if (addresses.empty()) return not_known(name, resolver, "none of IPv4 or IPv6");
  return addresses;
}

} // namespace

/// Between the threads that ask and the one that is told. They may outlive it.
struct name_lookups::channel {
  std::mutex lock;
  asio::io_context* context = nullptr; ///< null: nobody is told any more
  name_lookups* owner = nullptr;
  std::string resolver = "the system's resolver"; ///< as it was described last

  void ask(const std::string& name) {
    auto described = describe_resolver();
    {
      std::lock_guard guard{lock};
      resolver = described;
    }
    auto found = ask_system(name, described);
    std::lock_guard guard{lock};
    if (context) asio::post(*context, [owner = owner, name, found] { owner->answered(name, found); });
  }
};

name_lookups::name_lookups(asio::io_context& context)
    : context_(context), channel_(std::make_shared<channel>()), threads_(most_threads) {
  channel_->context = &context;
  channel_->owner = this;
}

name_lookups::~name_lookups() { stop(); }

void name_lookups::stop() {
  {
    std::lock_guard guard{channel_->lock};
    channel_->context = nullptr;
  }
  questions_.clear();
}

void name_lookups::look_up(const std::string& name, const std::string& asker, std::chrono::milliseconds limit,
                           handler done) {
  if (!questions_.contains(name) && !begin(name, asker))
    return asio::post(context_, [name, done = std::move(done)] {
      done(failure{
          errc::busy, {}, "too many names wait for the system's resolver, so " + name + " is not asked for"});
    });
  const auto number = ++last_number_;
  auto& made = questions_[name].waiting[number];
  made.done = std::move(done);
  made.limit = std::make_unique<asio::steady_timer>(context_, limit);
  made.limit->async_wait([this, name, number, limit](std::error_code cancelled) {
    if (!cancelled) give_up(name, number, limit);
  });
}

bool name_lookups::begin(const std::string& name, const std::string& asker) {
  if (!threads_.take(asker, 1)) return false;
  try {
    std::thread([channel = channel_, name] {
      ::pthread_setname_np(::pthread_self(), "hublink-names");
      channel->ask(name);
    }).detach();
  } catch (const std::system_error&) { // the machine has no thread left
    threads_.give_back(asker, 1);
    return false;
  }
  questions_[name].asker = asker;
  return true;
}

void name_lookups::give_up(const std::string& name, std::uint64_t number, std::chrono::milliseconds limit) {
  auto found = questions_.find(name);
  if (found == questions_.end()) return;
  auto late = found->second.waiting.extract(number);
  if (!late) return;
  std::string resolver;
  {
    std::lock_guard guard{channel_->lock};
    resolver = channel_->resolver;
  }
  const auto seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(limit).count());
  late.mapped().done(
      failure{errc::timed_out, {}, resolver + " gives no answer for " + name + " within " + seconds + " s"});
}

void name_lookups::answered(const std::string& name, const outcome<std::vector<ip_address>>& found) {
  auto over = questions_.extract(name);
  if (!over) return;
  threads_.give_back(over.mapped().asker, 1);
  for (auto& [number, waiting] : over.mapped().waiting) {
    waiting.limit->cancel();
    waiting.done(found);
  }
}

outcome<std::vector<ip_address>> look_up_now(const std::string& name) {
  return ask_system(name, describe_resolver());
}

} // namespace hublink
