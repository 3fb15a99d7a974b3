#include "node/enclosure/enclosure.hpp"
#include "node/base/io_thread.hpp"
#include "node/enclosure/enclosed_datagrams.hpp"
#include "node/enclosure/handover.hpp"
#include "node/enclosure/name_servers.hpp"
#include "node/enclosure/occupants.hpp"
#include "node/enclosure/user_namespace.hpp"

#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace hublink {

namespace {

constexpr std::chrono::seconds look_again{1};

/// The process outside that carries what the program in the enclosure sends.
class carrier {
 public:
  carrier(enclosure_settings settings, pid_t program)
      : around_{std::make_shared<socks_gateway>(std::move(settings.gateway)), std::move(settings.ways), {}},
        names_(std::move(settings.names)), program_(context_), timer_(context_),
        watched_(static_cast<int>(::syscall(SYS_pidfd_open, program, 0))) {}

  /// What the program's process needs to go in.
  outcome<namespace_pair> prepare() {
    auto user = user_namespace_if_needed();
    if (!user) return user.error();
    const auto servers = name_servers();
    for (const auto& server : servers) around_.name_servers.insert({server, 53});
    auto network = own_network::make(packet_rules(around_.ways, servers));
    if (!network) return network.error();
    network_ = std::move(*network);
    streams_.emplace(context_, *network_, around_, names_);
    datagrams_.emplace(context_, *network_, around_, names_);
    if (auto ready = streams_->open(); !ready) return ready.error();
    if (auto ready = datagrams_->open(); !ready) return ready.error();
    return namespace_pair{std::move(*user), network_->descriptor()};
  }

  /// Returns when nobody is inside any more.
  void run() {
    inside_ = network_->descriptor();
    program_.assign(watched_.release());
    program_.async_wait(asio::posix::stream_descriptor::wait_read, [this](std::error_code) { look(); });
    run_handlers(context_, "hublink-enclosure", [this] { context_.run(); });
  }

 private:
  // What the program began may be there for longer.
  void look() {
    if (!has_occupants(inside_.get())) return context_.stop();
    timer_.expires_after(look_again);
    timer_.async_wait([this](std::error_code) { look(); });
  }

  asio::io_context context_{1};
  enclosed_streams::surroundings around_;
  name_answers names_;
  std::unique_ptr<own_network> network_;
  std::optional<enclosed_streams> streams_;
  std::optional<enclosed_datagrams> datagrams_;
  unique_fd inside_;
  asio::posix::stream_descriptor program_;
  asio::steady_timer timer_;
  unique_fd watched_; ///< a pidfd, until `run`
};

/// Nothing of the program's is kept: its reader waits for the end of what it has open, its terminal's signals
/// are for it alone.
void leave_the_program(unique_fd& talk) {
  ::setsid();
  std::signal(SIGPIPE, SIG_IGN);
  ::prctl(PR_SET_NAME, "hublink-strict");
  const auto nothing = ::open("/dev/null", O_RDWR);
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, fd);
  constexpr int kept = STDERR_FILENO + 1;
  ::dup3(talk.release(), kept, O_CLOEXEC); // a socket pair's end is never the first free one
  talk = unique_fd{kept};
  ::syscall(SYS_close_range, kept + 1, ~0U, 0);
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
}

[[noreturn]] void carry(enclosure_settings settings, pid_t program, unique_fd talk) {
  leave_the_program(talk);
  carrier own{std::move(settings), program};
  auto ready = own.prepare();
  hand_over(talk.get(), ready);
  const bool runs{ready};
  talk.reset();
  if (runs) {
    ready = outcome<namespace_pair>{namespace_pair{}}; // closes what it has handed over
    own.run();
  }
  ::_exit(0);
}

} // namespace

outcome<> enter_enclosure(enclosure_settings settings) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return {errc::failed, "can't make a pair of sockets: " + last_error().message()};
  unique_fd own{ends[0]}, other{ends[1]};
  const auto program = ::getpid();
  const auto between = ::fork();
  if (between == 0) {
    own.reset();
    if (::fork() == 0) carry(std::move(settings), program, std::move(other));
    ::_exit(0); // the program's process has no child that it does not know
  }
  if (between < 0) return {errc::failed, "can't begin a process: " + last_error().message()};
  other.reset();
  ::waitpid(between, nullptr, 0);
  auto namespaces = take_over(own.get());
  if (!namespaces) return namespaces.error();
  if (namespaces->user && ::setns(namespaces->user.get(), CLONE_NEWUSER) != 0)
    return {errc::bad_config, "can't enter the user namespace: " + last_error().message()};
  if (::setns(namespaces->network.get(), CLONE_NEWNET) != 0)
    return {errc::bad_config, "can't enter the network namespace: " + last_error().message()};
  return {};
}

} // namespace hublink
