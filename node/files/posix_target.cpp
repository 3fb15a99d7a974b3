#include "node/files/posix_target.hpp"

#include "node/base/fault_point.hpp"
#include "node/files/posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace hublink {
namespace {

constexpr std::size_t least_hole = 4096; ///< bytes; a block of most file systems

bool is_zero(byte_view data) {
  return data[0] == std::byte{0} && std::memcmp(data.data(), data.data() + 1, data.size() - 1) == 0;
}

} // namespace

namespace {

/// Up to the generation.
std::string partial_prefix(const std::string& target, const transfer_id& transfer) {
  constexpr std::size_t room = 190; // of NAME_MAX, 255, beside what is put around the name
  auto directory = posix::directory_of(target);
  auto name = target.substr(target.rfind('/') + 1);
  auto cut = std::min(name.size(), room);
  while (cut < name.size() && cut > 0 && (name[cut] & 0xC0) == 0x80) --cut; // not inside a character
  return directory + "/." + name.substr(0, cut) + ".hublink-" + transfer + "-";
}

/// Those that are there: which generations there were, another node says.
void remove_partials(const std::string& target, const transfer_id& transfer) {
  const std::filesystem::path prefix = partial_prefix(target, transfer);
  std::error_code problem;
  for (std::filesystem::directory_iterator entry{prefix.parent_path(), problem}, end;
       !problem && entry != end; entry.increment(problem)) {
    auto name = entry->path().filename().string();
    if (name.starts_with(prefix.filename().string()) && name.ends_with(".part"))
      ::unlink(entry->path().c_str());
  }
}

} // namespace

std::string partial_path(const std::string& target, const transfer_id& transfer, std::uint32_t generation) {
  return partial_prefix(target, transfer) + std::to_string(generation) + ".part";
}

outcome<> publish_partial(const std::string& partial, const std::string& target, if_exists policy) {
  auto flags = policy == if_exists::refuse ? RENAME_NOREPLACE : 0u;
  fault_point::reach("before-rename");
  if (::renameat2(AT_FDCWD, partial.c_str(), AT_FDCWD, target.c_str(), flags) != 0)
    return posix::why_not("publish", target, errno);
  fault_point::reach("after-rename");
  auto synced = posix::sync_directory(posix::directory_of(target));
  // The file is in place: to say that it failed would be wrong, to say that it is done too early.
  if (!synced) return {errc::unconfirmed, synced.error().text};
  return {};
}

outcome<> posix_target::may_be_replaced() const {
  struct stat found;
  if (::lstat(path_.c_str(), &found) != 0) return {};
  if (S_ISDIR(found.st_mode)) return {errc::file_denied, path_ + " is a directory"};
  if (policy_ == if_exists::refuse) return posix::why_not("publish", path_, EEXIST);
  return {};
}

outcome<> posix_target::has_room(std::uint64_t size) const {
  struct statvfs found;
  if (::fstatvfs(fd_.get(), &found) != 0) return posix::why_not("examine the file system of", path_, errno);
  auto free_bytes = std::uint64_t(found.f_bavail) * found.f_frsize;
  if (size <= free_bytes) return {};
  return {errc::no_space, path_ + " needs " + std::to_string(size) + " bytes, its file system has " +
                              std::to_string(free_bytes)};
}

outcome<> posix_target::create(const create_file& wanted) {
  if (auto fine = may_be_replaced(); !fine) return fine;
  auto made = wanted.keep == 0 ? make_new(wanted) : go_on_behind(wanted.keep);
  if (!made) return made;
  mode_ = wanted.mode & 0777;
  end_ = wanted.keep;
  dirty_ = true;
  return has_room(wanted.size - wanted.keep);
}

outcome<> posix_target::make_new(const create_file& wanted) {
  if (auto made = posix::make_directories(posix::directory_of(path_)); !made) return made;
  auto partial = partial_path(path_, wanted.transfer, wanted.generation);
  if (wanted.generation > 1) remove_partials(path_, wanted.transfer); // of earlier ones
  ::unlink(partial.c_str());
  fd_ = unique_fd(::open(partial.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd_) return posix::why_not("create", partial, errno);
  partial_ = partial;
  return {};
}

// What lies behind the checkpoint was never checked.
outcome<> posix_target::go_on_behind(std::uint64_t kept) {
  if (!fd_ || ::ftruncate(fd_.get(), static_cast<off_t>(kept)) != 0)
    return posix::why_not("go on with", partial_, fd_ ? errno : EBADF);
  return {};
}

outcome<> posix_target::reopen(const reopen_file& earlier) {
  auto partial = partial_path(path_, earlier.transfer, earlier.generation);
  fd_ = unique_fd(::open(partial.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!fd_) return posix::why_not("reopen", partial, errno);
  partial_ = partial;
  ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return {};
}

outcome<> posix_target::read(std::uint64_t offset, std::span<std::byte> into) {
  return posix::read_all(fd_.get(), partial_, offset, into);
}

outcome<> posix_target::write(std::uint64_t offset, byte_view data) {
  dirty_ = true;
  end_ = std::max<std::uint64_t>(end_, offset + data.size());
  if (data.size() >= least_hole && is_zero(data)) return {};
  while (!data.empty()) {
    auto count = ::pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return posix::why_not("write", partial_, errno);
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
  return fine ? outcome<>{} : posix::why_not("extend", partial_, errno);
}

outcome<> posix_target::sync() {
  if (auto extended = extend_to_end(); !extended) return extended;
  if (::fchmod(fd_.get(), mode_) != 0) return posix::why_not("set the mode of", partial_, errno);
  if (auto flushed = flush(); !flushed) return flushed;
  dirty_ = false;
  return {};
}

outcome<> posix_target::prepare_flush() { return extend_to_end(); }

outcome<> posix_target::flush() {
  if (::fsync(fd_.get()) != 0) return posix::why_not("sync", partial_, errno);
  return {};
}

// A later attempt replaces the partial file of an earlier one, which may not have noticed yet that it is
// over.
bool posix_target::owns_partial() const {
  struct stat mine {
  }, named{};
  return !partial_.empty() && ::fstat(fd_.get(), &mine) == 0 && ::lstat(partial_.c_str(), &named) == 0 &&
         mine.st_ino == named.st_ino && mine.st_dev == named.st_dev;
}

outcome<> posix_target::publish() {
  if (!owns_partial()) return {errc::cut, partial_ + " was taken over by a later attempt"};
  if (dirty_)
    if (auto synced = sync(); !synced) return synced;
  auto published = publish_partial(partial_, path_, policy_);
  if (published) partial_.clear();
  return published;
}

void posix_target::keep() {
  fd_.reset();
  partial_.clear();
}

void posix_target::discard(const discard_file& which) {
  if (partial_.empty())
    ::unlink(partial_path(path_, which.transfer, which.generation).c_str());
  else if (owns_partial())
    ::unlink(partial_.c_str());
  keep();
}

} // namespace hublink
