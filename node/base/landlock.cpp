#include "node/base/landlock.hpp"

#include "node/base/unique_fd.hpp"

#include <cstdint>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace hublink::landlock {

namespace {

// Since ABI 2 and 3; Debian 12's headers lack the second.
constexpr std::uint64_t refer = 1ULL << 13, truncate = 1ULL << 14;
constexpr std::uint64_t to_files = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | truncate;
constexpr std::uint64_t to_folders =
    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | refer;

/// What the kernel can hold; 0: nothing.
std::uint64_t known_rights() {
  auto version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return 0;
  auto all = to_files | to_folders;
  if (version < 3) all &= ~truncate;
  if (version < 2) all &= ~refer;
  return all;
}

unique_fd make_rules(std::uint64_t rights) {
  landlock_ruleset_attr wanted{};
  wanted.handled_access_fs = rights;
  return unique_fd{static_cast<int>(::syscall(SYS_landlock_create_ruleset, &wanted, sizeof wanted, 0))};
}

bool allow(int rules, const std::string& path, std::uint64_t rights) {
  unique_fd at{::open(path.c_str(), O_PATH | O_CLOEXEC)};
  struct stat found {};
  if (!at || ::fstat(at.get(), &found) != 0) return false;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = S_ISDIR(found.st_mode) ? rights : rights & to_files;
  rule.parent_fd = at.get();
  return ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

bool enforce(int rules) { return ::syscall(SYS_landlock_restrict_self, rules, 0) == 0; }

} // namespace

bool write_only_below(const std::vector<std::string>& folders) {
  auto rights = known_rights();
  if (rights == 0) return false;
  auto rules = make_rules(rights);
  if (!rules) return false;
  for (const auto& folder : folders) allow(rules.get(), folder, rights & ~LANDLOCK_ACCESS_FS_EXECUTE);
  allow(rules.get(), "/dev/null", LANDLOCK_ACCESS_FS_WRITE_FILE);
  return enforce(rules.get());
}

// Any rules do: a process that is held to some can't trace one that is not, and mounts nothing.
bool stay_apart() {
  constexpr std::uint64_t some = LANDLOCK_ACCESS_FS_MAKE_BLOCK;
  if (known_rights() == 0) return false;
  auto rules = make_rules(some);
  return rules && allow(rules.get(), "/", some) && enforce(rules.get());
}

} // namespace hublink::landlock
