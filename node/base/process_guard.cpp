#include "node/base/process_guard.hpp"

#include <openssl/crypto.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hublink {

namespace {

constexpr std::uint64_t bit(int capability) { return std::uint64_t(1) << capability; }

/// Ports below 1024, also those of a later definition; files of other users, which a node of root sends;
/// pipes of full size for every circuit, which the kernel allows a user only so many of.
constexpr std::uint64_t always_kept =
    bit(CAP_NET_BIND_SERVICE) | bit(CAP_DAC_OVERRIDE) | bit(CAP_DAC_READ_SEARCH) | bit(CAP_SYS_RESOURCE);

using capability_sets = std::array<__user_cap_data_struct, 2>;

void say_if(bool failed, const char* what) {
  if (failed) spdlog::warn("{}: {}", what, std::strerror(errno));
}

/// Not even what is executed later may have them.
void bound_capabilities(std::uint64_t kept) {
  for (int number = 0; ::prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0; ++number)
    if ((kept >> number & 1) == 0)
      (void)::prctl(PR_CAPBSET_DROP, number, 0, 0, 0); // refused to ordinary users
}

void drop_capabilities(std::uint64_t kept) {
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  capability_sets sets{};
  if (::syscall(SYS_capget, &head, sets.data()) != 0) return say_if(true, "capabilities can't be read");
  for (std::size_t half = 0; half < sets.size(); ++half) {
    auto mask = static_cast<std::uint32_t>(kept >> (32 * half));
    sets[half].effective &= mask;
    sets[half].permitted &= mask;
    sets[half].inheritable = 0;
  }
  say_if(::syscall(SYS_capset, &head, sets.data()) != 0, "capabilities can't be dropped");
}

} // namespace

void keep_memory_private() {
  say_if(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0, "this process can't be made undumpable");
  rlimit limit{};
  bool read = ::getrlimit(RLIMIT_CORE, &limit) == 0;
  limit.rlim_cur = 0;
  say_if(!read || ::setrlimit(RLIMIT_CORE, &limit) != 0, "core dumps can't be switched off");
}

void forget_passwords() {
  for (auto* name : {"HUBLINK_PASSWORD", "HUBLINK_PASSPHRASE"})
    if (auto* value = std::getenv(name)) {
      OPENSSL_cleanse(value, std::strlen(value));
      ::unsetenv(name);
    }
}

void keep_few_privileges(bool gives_files_away) {
  const auto kept = always_kept | (gives_files_away ? bit(CAP_CHOWN) : 0);
  say_if(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0, "no-new-privileges can't be set");
  bound_capabilities(kept);
  drop_capabilities(kept);
}

} // namespace hublink
