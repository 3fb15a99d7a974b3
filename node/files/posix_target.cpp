#include "node/files/posix_target.hpp"

#include "node/base/durability.hpp"
#include "node/base/fault_point.hpp"
#include "node/files/beneath.hpp"
#include "node/files/partial_names.hpp"
#include "node/files/posix_file.hpp"
#include "node/files/target_place.hpp"
#include "protocol/transfer/prefix_check.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace hublink {
namespace {

constexpr std::size_t least_hole = 4096; ///< bytes; a block of most file systems

bool is_zero(byte_view data) {
  return data[0] == std::byte{0} && std::memcmp(data.data(), data.data() + 1, data.size() - 1) == 0;
}

/// Of the way to the place what is there already, and in `next`, if given, the name that comes after it.
unique_fd deepest_folder(const file_place& place, std::string* next = nullptr) {
  auto at = place.folder(), name = place.name();
  for (;;) {
    auto there = posix::open_beneath(place.root.get(), at, O_PATH | O_DIRECTORY);
    if (next) *next = name;
    if (there || errno != ENOENT || at == ".") return there;
    auto slash = at.rfind('/');
    name = at.substr(slash == at.npos ? 0 : slash + 1);
    at = slash == at.npos ? "." : at.substr(0, slash);
  }
}

/// All of it, read again.
bool has_content(int file, const std::string& shown, const checkpoint& content) {
  struct stat found {};
  if (::fstat(file, &found) != 0 || std::uint64_t(found.st_size) != content.bytes) return false;
  prefix_check check{content};
  for (; !check.complete(); check.read()) {
    auto piece = check.next();
    if (!posix::read_all(file, shown, piece.offset, piece.into)) return false;
  }
  return check.holds();
}

/// Nothing was seen that says that it is not in place.
failure untold(failure why) {
  why.code = errc::unconfirmed;
  return why;
}

/// Before anything is made: would it be among the node's own?
bool is_own_place(const file_roots& roots, const file_place& place) {
  std::string name;
  auto there = deepest_folder(place, &name);
  return there && roots.own().takes_in(there.get(), name);
}

} // namespace

outcome<unique_fd> open_target_folder(const file_roots& roots, const file_place& place, bool make) {
  failure own{errc::file_denied, {}, place.shown + " is one of this node's own files"};
  if (is_own_place(roots, place)) return own;
  auto folder = make ? posix::make_beneath(place.root.get(), place.folder())
                     : posix::open_folder_beneath(place.root.get(), place.folder());
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
  unique_fd file{::openat(folder, partial.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)};
  fault_point::reach("before-rename");
  if (!take_name(folder, partial, place.name(), policy)) return posix::why_not("publish", place.shown, errno);
  fault_point::reach("after-rename");
  auto synced = posix::sync_directory(folder, posix::directory_of(place.shown), file.get());
  // The file is in place: to say that it failed would be wrong, to say that it is done too early.
  if (!synced) return {errc::unconfirmed, synced.error().text};
  return {};
}

outcome<> posix_target::find_folder(bool make) {
  auto place = roots_->find(path_, file_use::target);
  if (!place) return place.error();
  if (rule_.require_mount)
    if (auto fine = must_be_mounted(deepest_folder(*place).get(), place->root.get(),
                                    posix::directory_of(place->shown));
        !fine)
      return fine;
  auto folder = open_target_folder(*roots_, *place, make);
  if (!folder) return folder.error();
  place_ = std::move(*place);
  folder_ = std::move(*folder);
  return {};
}

std::string posix_target::shown_partial() const { return posix::directory_of(place_.shown) + "/" + partial_; }

outcome<> posix_target::create(const create_file& wanted) {
  if (auto found = find_folder(true); !found) return found;
  if (auto fine = may_take_place(folder_.get(), place_, policy_); !fine) return fine;
  auto made = wanted.keep == 0 ? make_new(wanted) : go_on_behind(wanted.keep);
  if (!made) return made;
  if (auto fine = may_be_given(fd_.get(), shown_partial(), rule_); !fine) return fine;
  mode_ = mode_for(rule_, wanted.mode, folder_.get());
  end_ = wanted.keep;
  dirty_ = true;
  return has_room(fd_.get(), place_.shown, wanted.keep, wanted.size - wanted.keep);
}

// Its first name is for the trial: where nothing can be renamed, nothing can be published.
outcome<> posix_target::make_new(const create_file& wanted) {
  auto partial = partial_name(folder_.get(), place_.name(), wanted.transfer, wanted.generation);
  auto trial = trial_name(partial);
  if (wanted.generation > 1)
    remove_partials(folder_.get(), place_.name(), wanted.transfer, wanted.generation - 1);
  for (const auto& old : {partial, trial}) ::unlinkat(folder_.get(), old.c_str(), 0);
  fd_ = unique_fd(
      ::openat(folder_.get(), trial.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  partial_ = fd_ ? trial : "";
  if (!fd_) return posix::why_not("create", posix::directory_of(place_.shown) + "/" + trial, errno);
  if (!take_name(folder_.get(), trial, partial, policy_))
    return posix::why_not("rename", shown_partial(), errno);
  partial_ = partial;
  has_inodes_ = names_it();
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
  auto partial = partial_name(folder_.get(), place_.name(), earlier.transfer, earlier.generation);
  fd_ = unique_fd(::openat(folder_.get(), partial.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!fd_) return posix::why_not("reopen", posix::directory_of(place_.shown) + "/" + partial, errno);
  partial_ = partial;
  has_inodes_ = names_it();
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

// A run of zeros at the end was not written. Not every file system makes a file longer without that.
outcome<> posix_target::extend_to_end() const {
  struct stat found {};
  const auto end = static_cast<off_t>(end_);
  bool fine =
      ::fstat(fd_.get(), &found) == 0 && (found.st_size >= end || ::ftruncate(fd_.get(), end) == 0 ||
                                          (is_beyond_it(errno) && ::pwrite(fd_.get(), "", 1, end - 1) == 1));
  return fine ? outcome<>{} : posix::why_not("extend", shown_partial(), errno);
}

outcome<> posix_target::sync() {
  if (auto extended = extend_to_end(); !extended) return extended;
  if (auto given = give(fd_.get(), shown_partial(), rule_, mode_); !given) return given;
  if (auto flushed = flush(); !flushed) return flushed;
  dirty_ = false;
  return {};
}

outcome<> posix_target::prepare_flush() { return extend_to_end(); }

outcome<> posix_target::flush() {
  if (!sync_content(fd_.get())) return posix::why_not("sync", shown_partial(), errno);
  return {};
}

/// By its number, which some file systems give anew with each look.
bool posix_target::names_it() const {
  struct stat mine {
  }, named{};
  return ::fstat(fd_.get(), &mine) == 0 &&
         ::fstatat(folder_.get(), partial_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         mine.st_ino == named.st_ino && mine.st_dev == named.st_dev;
}

// A later attempt replaces the partial file of an earlier one, which may not have noticed yet that it is
// over.
bool posix_target::owns_partial() const {
  if (partial_.empty()) return false;
  if (has_inodes_) return names_it();
  struct stat mine {};
  return ::fstat(fd_.get(), &mine) == 0 && mine.st_nlink > 0 &&
         ::faccessat(folder_.get(), partial_.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

outcome<> posix_target::publish() {
  if (!owns_partial()) return {errc::cut, shown_partial() + " was taken over by a later attempt"};
  if (dirty_)
    if (auto synced = sync(); !synced) return synced;
  auto published = publish_partial(folder_.get(), partial_, place_, policy_);
  if (published) partial_.clear();
  return published;
}

outcome<> posix_target::settle(const settle_file& what) {
  failure lost{errc::cut, {}, "what an earlier attempt left here is not what it had received"};
  auto folder = find_folder(false);
  if (!folder && folder.error().code == errc::file_missing) return lost;
  if (!folder) return untold(folder.error());
  auto partial = partial_name(folder_.get(), place_.name(), what.transfer, what.generation);
  struct stat found {};
  if (::fstatat(folder_.get(), partial.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno != ENOENT) return untold(posix::why_not("look for", place_.shown, errno));
    // The rename may have been done and not be durable yet.
    auto synced = posix::sync_directory(folder_.get(), place_.shown);
    return synced ? synced : untold(synced.error());
  }
  unique_fd file{::openat(folder_.get(), partial.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)};
  if (!what.content.digest.empty() && !has_content(file.get(), partial, what.content)) return lost;
  return publish_partial(folder_.get(), partial, place_, policy_);
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
