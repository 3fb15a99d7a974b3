#include "node/files/spool_file.hpp"

#include "node/base/unique_fd.hpp"
#include "node/files/posix_file.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <filesystem>

namespace hublink {
namespace {

class spool_file final : public transfer_file {
 public:
  explicit spool_file(std::shared_ptr<spool_space> space) : space_(std::move(space)) {}

  // A new one where nothing is kept: who still reads the one before keeps what it has open.
  outcome<> create(const create_file& wanted) override {
    path_ = space_->path_of(wanted.transfer);
    if (auto room = space_->reserve(wanted.transfer, wanted.size); !room) return room;
    if (auto made = posix::make_directories(posix::directory_of(path_)); !made) return made;
    if (wanted.keep == 0) ::unlink(path_.c_str());
    auto flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (wanted.keep == 0 ? O_CREAT | O_EXCL : 0);
    if (auto made = open_with(flags, "create"); !made) return made;
    return wanted.keep == 0 ? posix::sync_directory(posix::directory_of(path_)) : outcome<>{};
  }
  outcome<> reopen(const reopen_file& wanted) override {
    path_ = space_->path_of(wanted.transfer);
    return open_with(O_RDONLY | O_CLOEXEC | O_NOFOLLOW, "open");
  }
  outcome<> read(std::uint64_t offset, std::span<std::byte> into) override {
    return posix::read_all(fd_.get(), path_, offset, into);
  }
  outcome<> write(std::uint64_t offset, byte_view data) override {
    while (!data.empty()) {
      auto count = ::pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return posix::why_not("write", path_, errno);
      offset += static_cast<std::uint64_t>(count);
      data = data.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }
  int descriptor() const override { return fd_.get(); }
  outcome<> sync() override {
    if (::fdatasync(fd_.get()) != 0) return posix::why_not("sync", path_, errno);
    return {};
  }
  outcome<> prepare_flush() override { return {}; }
  outcome<> flush() override { return sync(); }

 private:
  outcome<> open_with(int flags, const char* what) {
    fd_ = unique_fd{::open(path_.c_str(), flags, 0600)};
    if (!fd_) return posix::why_not(what, path_, errno);
    return {};
  }

  std::shared_ptr<spool_space> space_;
  std::string path_;
  unique_fd fd_;
};

} // namespace

spool_space::spool_space(std::string directory, std::uint64_t most_bytes)
    : directory_(std::move(directory)), most_(most_bytes) {}

std::vector<transfer_key> spool_space::take_up(const std::vector<kept_spool>& known) {
  std::lock_guard guard{lock_};
  std::vector<transfer_key> lost;
  std::error_code none;
  for (const auto& spool : known) {
    const auto name = storage_name(spool.key);
    if (!std::filesystem::exists(path_of(name), none))
      std::filesystem::rename(path_of(spool.key.transfer), path_of(name), none);
    auto there = std::filesystem::file_size(path_of(name), none);
    if (spool.bytes > 0 && (none || there < spool.bytes))
      lost.push_back(spool.key);
    else
      taken_[name] = spool.size;
  }
  for (const auto& entry : std::filesystem::directory_iterator{directory_, none})
    if (!taken_.count(entry.path().filename().string())) std::filesystem::remove_all(entry.path(), none);
  return lost;
}

outcome<> spool_space::reserve(const std::string& name, std::uint64_t bytes) {
  std::lock_guard guard{lock_};
  std::uint64_t others = 0;
  for (const auto& [id, size] : taken_)
    if (id != name) others += size;
  if (bytes > most_ || others > most_ - bytes)
    return {errc::no_space, "a broadcast of " + std::to_string(bytes) + " bytes does not fit the spool: " +
                                std::to_string(others) + " of " + std::to_string(most_) + " are taken"};
  struct statvfs disk;
  auto parent = posix::directory_of(directory_);
  if (::statvfs(parent.c_str(), &disk) != 0)
    return posix::why_not("examine the file system of", parent, errno);
  auto free_bytes = std::uint64_t(disk.f_bavail) * disk.f_frsize;
  if (taken_.count(name) == 0 && bytes > free_bytes)
    return {errc::no_space, "a broadcast of " + std::to_string(bytes) +
                                " bytes does not fit the spool: its disk has " + std::to_string(free_bytes)};
  taken_[name] = bytes;
  return {};
}

void spool_space::drop(const std::string& name) {
  std::lock_guard guard{lock_};
  if (taken_.erase(name) != 0) ::unlink(path_of(name).c_str());
}

std::unique_ptr<transfer_file> make_spool_file(std::shared_ptr<spool_space> space) {
  return std::make_unique<spool_file>(std::move(space));
}

} // namespace hublink
