#include "node/files/posix_store.hpp"

#include "node/files/posix_file.hpp"
#include "node/files/posix_source.hpp"
#include "node/files/posix_target.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace hublink {

std::string posix_store::locate(const std::string& path) const {
  return path.starts_with('/') ? path : root_ + "/" + path;
}

std::unique_ptr<transfer_file> posix_store::source(const std::string& path) {
  return std::make_unique<posix_source>(locate(path));
}

std::unique_ptr<transfer_file> posix_store::target(const std::string& path, if_exists policy) {
  return std::make_unique<posix_target>(locate(path), policy);
}

void posix_store::use_spools(std::uint64_t most_bytes) {
  space_ = std::make_shared<spool_space>(root_ + "/spool", most_bytes);
}

std::unique_ptr<transfer_file> posix_store::spool() { return make_spool_file(space_); }

void posix_store::drop_spool(const transfer_key& transfer) { space_->drop(storage_name(transfer)); }

std::vector<transfer_key> posix_store::take_up_spools(const std::vector<kept_spool>& known) {
  return space_->take_up(known);
}

outcome<file_facts> posix_store::probe(const std::string& path) {
  auto where = locate(path);
  struct stat found;
  if (::stat(where.c_str(), &found) != 0) return posix::why_not("find", where, errno, errc::file_missing);
  if (auto regular = posix::must_be_regular(where, found); !regular) return regular.error();
  if (::faccessat(AT_FDCWD, where.c_str(), R_OK, AT_EACCESS) != 0)
    return posix::why_not("read", where, errno);
  return posix::facts_of(found);
}

outcome<bool> posix_store::finish_publish(const std::string& path, const transfer_id& transfer,
                                          std::uint32_t generation, if_exists policy) {
  auto target = locate(path);
  auto partial = partial_path(target, transfer, generation);
  struct stat found;
  if (::stat(posix::directory_of(target).c_str(), &found) != 0) {
    if (errno == ENOENT) return false;
    return posix::why_not("find", posix::directory_of(target), errno);
  }
  // The rename may have been done and not be durable yet.
  if (::lstat(partial.c_str(), &found) != 0 && errno == ENOENT) {
    if (auto synced = posix::sync_directory(posix::directory_of(target)); !synced) return synced.error();
    return true;
  }
  if (auto published = publish_partial(partial, target, policy); !published) return published.error();
  return true;
}

} // namespace hublink
