#include "node/files/posix_source.hpp"

#include "node/base/fault_point.hpp"
#include "node/files/beneath.hpp"
#include "node/files/posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace hublink {

namespace {

constexpr mode_t writable_by_others = 022;

failure not_opened(const std::string& path) {
  if (errno == EXDEV || errno == ELOOP)
    return {errc::file_denied,
            {},
            path + " is reached by a symbolic link that leads out of the directory that this node opens to "
                   "definitions; name the file itself, and its directory in \"roots\" of local.json"};
  return posix::why_not("open", path, errno, errc::file_missing);
}

/// Whoever can put a name into a directory can put there, by a hard link, a file that he can't read himself.
outcome<> check_owner(const struct stat& file, const struct stat& folder, const std::string& path) {
  auto trusted = [](uid_t owner) { return owner == 0 || owner == ::geteuid(); };
  bool open_to_others = (folder.st_mode & writable_by_others) != 0;
  bool linked_by_others =
      file.st_nlink > 1 && (open_to_others || (!trusted(folder.st_uid) && file.st_uid != folder.st_uid));
  if (linked_by_others)
    return {errc::file_denied, path + " has several hard links, and others may make some in its directory: "
                                      "it may be a file that they can't read; copy it there instead"};
  if (trusted(file.st_uid) || file.st_uid == folder.st_uid || open_to_others) return {};
  return {errc::file_denied, path + " belongs to user " + std::to_string(file.st_uid) +
                                 ", who can't write to its directory; chown it to the node's user"};
}

struct found_source {
  unique_fd file; ///< O_PATH
  struct stat facts {};
};

outcome<found_source> look_at(const file_roots& roots, const file_place& place) {
  found_source found{posix::open_beneath(place.root.get(), place.below, O_PATH)};
  if (!found.file) return not_opened(place.shown);
  auto folder = posix::open_beneath(place.root.get(), place.folder(), O_PATH | O_DIRECTORY);
  struct stat around {};
  if (!folder || ::fstat(folder.get(), &around) != 0 || ::fstat(found.file.get(), &found.facts) != 0)
    return posix::why_not("examine", place.shown, errno);
  if (auto regular = posix::must_be_regular(place.shown, found.facts); !regular) return regular.error();
  if (roots.own().has(found.facts))
    return {errc::file_denied, place.shown + " is one of this node's own files"};
  if (auto fine = check_owner(found.facts, around, place.shown); !fine) return fine.error();
  return found;
}

} // namespace

outcome<open_source> open_to_send(const file_roots& roots, const std::string& path) {
  auto place = roots.find(path, file_use::source);
  if (!place) return place.error();
  auto found = look_at(roots, *place);
  if (!found) return found.error();
  // By its number in this process: what its path leads to may be another file by now.
  auto same = "/proc/self/fd/" + std::to_string(found->file.get());
  open_source opened{unique_fd{::open(same.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)}, {}};
  if (!opened.file) return posix::why_not("open", place->shown, errno, errc::file_missing);
  struct stat now {};
  if (::fstat(opened.file.get(), &now) != 0) return posix::why_not("examine", place->shown, errno);
  opened.facts = posix::facts_of(now);
  return opened;
}

outcome<file_facts> posix_source::open() {
  auto opened = open_to_send(*roots_, path_);
  if (!opened) return opened.error();
  fd_ = std::move(opened->file);
  ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  fault_point::reach("after-open");
  return opened->facts;
}

outcome<> posix_source::read(std::uint64_t offset, std::span<std::byte> into) {
  return posix::read_all(fd_.get(), shown_, offset, into);
}

outcome<file_facts> posix_source::recheck() {
  struct stat now {};
  if (::fstat(fd_.get(), &now) != 0) return posix::why_not("examine", shown_, errno);
  return posix::facts_of(now);
}

} // namespace hublink
