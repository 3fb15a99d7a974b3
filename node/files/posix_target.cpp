#include "node/files/posix_target.hpp"

#include "node/base/fault_point.hpp"
#include "node/files/beneath.hpp"
#include "node/files/posix_file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>

namespace hublink {
namespace {

constexpr std::size_t least_hole = 4096; ///< bytes; a block of most file systems

bool is_zero(byte_view data) {
  return data[0] == std::byte{0} && std::memcmp(data.data(), data.data() + 1, data.size() - 1) == 0;
}

/// Before anything is made: would it be among the node's own?
bool is_own_place(const file_roots& roots, const file_place& place) {
  auto at = place.folder(), name = place.name();
  for (;;) {
    auto there = posix::open_beneath(place.root.get(), at, O_PATH | O_DIRECTORY);
    if (there) return roots.own().takes_in(there.get(), name);
    if (errno != ENOENT || at == ".") return false;
    auto slash = at.rfind('/');
    name = at.substr(slash == at.npos ? 0 : slash + 1);
    at = slash == at.npos ? "." : at.substr(0, slash);
  }
}

} // namespace

namespace {

/// Up to the generation.
std::string partial_prefix(const std::string& target, const transfer_id& transfer) {
  constexpr std::size_t room = 190; // of NAME_MAX, 255, beside what is put around the name
  auto cut = std::min(target.size(), room);
  while (cut < target.size() && cut > 0 && (target[cut] & 0xC0) == 0x80) --cut; // not inside a character
  return "." + target.substr(0, cut) + ".hublink-" + transfer + "-";
}

/// Those that are there, up to that generation: which ones there were, another node says.
void remove_partials(int folder, const std::string& target, const transfer_id& transfer,
                     std::uint32_t newest) {
  const int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0) return;
  std::unique_ptr<DIR, int (*)(DIR*)> entries{::fdopendir(own), ::closedir};
  if (!entries) {
    ::close(own);
    return;
  }
  const auto prefix = partial_prefix(target, transfer);
  while (const auto* entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(prefix) || !name.ends_with(".part")) continue;
    std::uint32_t generation = 0;
    auto read = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), generation);
    if (read.ec == std::errc{} && generation <= newest) ::unlinkat(folder, entry->d_name, 0);
  }
}

} // namespace

std::string partial_name(const std::string& target, const transfer_id& transfer, std::uint32_t generation) {
  return partial_prefix(target, transfer) + std::to_string(generation) + ".part";
}

outcome<unique_fd> open_target_folder(const file_roots& roots, const file_place& place, bool make) {
  failure own{errc::file_denied, {}, place.shown + " is one of this node's own files"};
  if (is_own_place(roots, place)) return own;
  auto folder = make ? posix::make_beneath(place.root.get(), place.folder())
                     : posix::open_beneath(place.root.get(), place.folder(), O_RDONLY | O_DIRECTORY);
  auto shown = posix::directory_of(place.shown);
  if (!folder && (errno == EXDEV || errno == ELOOP))
    return {errc::file_denied, shown + " is reached by a symbolic link that leads out of the directory that "
                                       "this node opens to definitions"};
  if (!folder)
    return posix::why_not("use the directory", shown, errno, make ? errc::io_error : errc::file_missing);
  if (roots.own().takes_in(folder.get(), place.name())) return own; // it may be another one by now
  return folder;
}

outcome<> publish_partial(int folder, const std::string& partial, const file_place& place, if_exists policy) {
  auto flags = policy == if_exists::refuse ? RENAME_NOREPLACE : 0u;
  fault_point::reach("before-rename");
  if (::renameat2(folder, partial.c_str(), folder, place.name().c_str(), flags) != 0)
    return posix::why_not("publish", place.shown, errno);
  fault_point::reach("after-rename");
  auto synced = posix::sync_directory(folder, posix::directory_of(place.shown));
  // The file is in place: to say that it failed would be wrong, to say that it is done too early.
  if (!synced) return {errc::unconfirmed, synced.error().text};
  return {};
}

outcome<> posix_target::find_folder(bool make) {
  auto place = roots_->find(path_, file_use::target);
  if (!place) return place.error();
  auto folder = open_target_folder(*roots_, *place, make);
  if (!folder) return folder.error();
  place_ = std::move(*place);
  folder_ = std::move(*folder);
  return {};
}

std::string posix_target::shown_partial() const { return posix::directory_of(place_.shown) + "/" + partial_; }

outcome<> posix_target::may_be_replaced() const {
  struct stat found {};
  if (::fstatat(folder_.get(), place_.name().c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return {};
  if (S_ISDIR(found.st_mode)) return {errc::file_denied, place_.shown + " is a directory"};
  if (policy_ == if_exists::refuse) return posix::why_not("publish", place_.shown, EEXIST);
  return {};
}

outcome<> posix_target::has_room(std::uint64_t size) const {
  struct statvfs found;
  if (::fstatvfs(fd_.get(), &found) != 0)
    return posix::why_not("examine the file system of", place_.shown, errno);
  auto free_bytes = std::uint64_t(found.f_bavail) * found.f_frsize;
  if (size <= free_bytes) return {};
  return {errc::no_space, place_.shown + " needs " + std::to_string(size) + " bytes, its file system has " +
                              std::to_string(free_bytes)};
}

outcome<> posix_target::create(const create_file& wanted) {
  if (auto found = find_folder(true); !found) return found;
  if (auto fine = may_be_replaced(); !fine) return fine;
  auto made = wanted.keep == 0 ? make_new(wanted) : go_on_behind(wanted.keep);
  if (!made) return made;
  mode_ = wanted.mode & 0777 & ~posix::current_umask();
  end_ = wanted.keep;
  dirty_ = true;
  return has_room(wanted.size - wanted.keep);
}

outcome<> posix_target::make_new(const create_file& wanted) {
  auto partial = partial_name(place_.name(), wanted.transfer, wanted.generation);
  if (wanted.generation > 1)
    remove_partials(folder_.get(), place_.name(), wanted.transfer, wanted.generation - 1);
  ::unlinkat(folder_.get(), partial.c_str(), 0);
  fd_ = unique_fd(
      ::openat(folder_.get(), partial.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd_) return posix::why_not("create", posix::directory_of(place_.shown) + "/" + partial, errno);
  partial_ = partial;
  return {};
}

// What lies behind the checkpoint was never checked.
outcome<> posix_target::go_on_behind(std::uint64_t kept) {
  if (!fd_ || ::ftruncate(fd_.get(), static_cast<off_t>(kept)) != 0)
    return posix::why_not("go on with", shown_partial(), fd_ ? errno : EBADF);
  return {};
}

outcome<> posix_target::reopen(const reopen_file& earlier) {
  if (auto found = find_folder(false); !found) return found;
  auto partial = partial_name(place_.name(), earlier.transfer, earlier.generation);
  fd_ = unique_fd(::openat(folder_.get(), partial.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!fd_) return posix::why_not("reopen", posix::directory_of(place_.shown) + "/" + partial, errno);
  partial_ = partial;
  ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return {};
}

outcome<> posix_target::read(std::uint64_t offset, std::span<std::byte> into) {
  return posix::read_all(fd_.get(), shown_partial(), offset, into);
}

outcome<> posix_target::write(std::uint64_t offset, byte_view data) {
  dirty_ = true;
  end_ = std::max<std::uint64_t>(end_, offset + data.size());
  if (data.size() >= least_hole && is_zero(data)) return {};
  while (!data.empty()) {
    auto count = ::pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return posix::why_not("write", shown_partial(), errno);
    data = data.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

// A run of zeros at the end was not written.
outcome<> posix_target::extend_to_end() const {
  struct stat found;
  bool fine = ::fstat(fd_.get(), &found) == 0 &&
              (std::uint64_t(found.st_size) >= end_ || ::ftruncate(fd_.get(), static_cast<off_t>(end_)) == 0);
  return fine ? outcome<>{} : posix::why_not("extend", shown_partial(), errno);
}

outcome<> posix_target::sync() {
  if (auto extended = extend_to_end(); !extended) return extended;
  if (::fchmod(fd_.get(), mode_) != 0) return posix::why_not("set the mode of", shown_partial(), errno);
  if (auto flushed = flush(); !flushed) return flushed;
  dirty_ = false;
  return {};
}

outcome<> posix_target::prepare_flush() { return extend_to_end(); }

outcome<> posix_target::flush() {
  if (::fsync(fd_.get()) != 0) return posix::why_not("sync", shown_partial(), errno);
  return {};
}

// A later attempt replaces the partial file of an earlier one, which may not have noticed yet that it is
// over.
bool posix_target::owns_partial() const {
  struct stat mine {
  }, named{};
  return !partial_.empty() && ::fstat(fd_.get(), &mine) == 0 &&
         ::fstatat(folder_.get(), partial_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         mine.st_ino == named.st_ino && mine.st_dev == named.st_dev;
}

outcome<> posix_target::publish() {
  if (!owns_partial()) return {errc::cut, shown_partial() + " was taken over by a later attempt"};
  if (dirty_)
    if (auto synced = sync(); !synced) return synced;
  auto published = publish_partial(folder_.get(), partial_, place_, policy_);
  if (published) partial_.clear();
  return published;
}

void posix_target::keep() {
  fd_.reset();
  partial_.clear();
}

void posix_target::discard(const discard_file& which) {
  if (partial_.empty() && find_folder(false))
    remove_partials(folder_.get(), place_.name(), which.transfer, which.generation);
  else if (owns_partial())
    ::unlinkat(folder_.get(), partial_.c_str(), 0);
  keep();
}

} // namespace hublink
