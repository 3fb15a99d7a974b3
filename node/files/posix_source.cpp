#include "node/files/posix_source.hpp"

#include "node/base/fault_point.hpp"
#include "node/files/posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace hublink {

outcome<file_facts> posix_source::open() {
  // O_NONBLOCK: opening a FIFO must not wait for its writer. It changes nothing for regular files.
  fd_ = unique_fd(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd_) return posix::why_not("open", path_, errno, errc::file_missing);
  struct stat found;
  if (::fstat(fd_.get(), &found) != 0) return posix::why_not("examine", path_, errno);
  if (auto regular = posix::must_be_regular(path_, found); !regular) return regular.error();
  ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  fault_point::reach("after-open");
  return posix::facts_of(found);
}

outcome<> posix_source::read(std::uint64_t offset, std::span<std::byte> into) {
  return posix::read_all(fd_.get(), path_, offset, into);
}

outcome<file_facts> posix_source::recheck() {
  struct stat opened, named;
  if (::fstat(fd_.get(), &opened) != 0) return posix::why_not("examine", path_, errno);
  if (::stat(path_.c_str(), &named) != 0 || posix::facts_of(named) != posix::facts_of(opened))
    return {errc::file_changed, path_ + " was replaced while it was sent"};
  return posix::facts_of(opened);
}

} // namespace hublink
