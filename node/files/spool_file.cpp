#include "node/files/spool_file.hpp"

#include "node/base/durability.hpp"
#include "node/base/unique_fd.hpp"
#include "node/files/posix_file.hpp"
#include "node/files/target_place.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace hublink {
namespace {

class spool_file final : public transfer_file {
 public:
  explicit spool_file(std::shared_ptr<spool_space> space) : space_(std::move(space)) {}

  // A new one where nothing is kept: who still reads the one before keeps what it has open.
  outcome<> create(const create_file& wanted) override {
    name_ = wanted.transfer;
    path_ = space_->path_of(name_);
    if (auto room = space_->admit(name_, wanted.from, wanted.size, wanted.keep); !room) return room;
    room_ = 0;
    if (auto made = posix::make_directories(posix::directory_of(path_)); !made) return made;
    if (wanted.keep == 0) ::unlink(path_.c_str());
    auto flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (wanted.keep == 0 ? O_CREAT | O_EXCL : 0);
    if (auto made = open_with(flags, "create"); !made) return made;
    return wanted.keep == 0 ? posix::sync_directory(posix::directory_of(path_)) : outcome<>{};
  }
  outcome<> reopen(const reopen_file& wanted) override {
    name_ = wanted.transfer;
    path_ = space_->path_of(name_);
    return open_with(O_RDONLY | O_CLOEXEC | O_NOFOLLOW, "open");
  }
  outcome<> read(std::uint64_t offset, std::span<std::byte> into) override {
    return posix::read_all(fd_.get(), path_, offset, into);
  }
  outcome<> make_room(std::uint64_t end) override {
    if (end <= room_) return {};
    auto got = space_->grow(name_, end);
    if (!got) return got.error();
    room_ = *got;
    return {};
  }
  outcome<> write(std::uint64_t offset, byte_view data) override {
    if (auto room = make_room(offset + data.size()); !room) return room;
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
  std::string place() const override { return space_->path_of(""); }
  outcome<> sync() override {
    if (!sync_content(fd_.get())) return posix::why_not("sync", path_, errno);
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
  std::string name_, path_;
  unique_fd fd_;
  std::uint64_t room_ = 0; ///< bytes that its space has given it
};

/// Given in advance, so that not each piece of a chunk asks.
std::uint64_t step_of(std::uint64_t most) { return std::clamp<std::uint64_t>(most / 4096, 0, 4 << 20); }

} // namespace

spool_space::spool_space(std::string directory, std::uint64_t most_bytes)
    : directory_(std::move(directory)), most_(most_bytes), share_(most_bytes) {}

std::vector<transfer_key> spool_space::take_up(const std::vector<kept_spool>& known) {
  std::lock_guard guard{lock_};
  std::vector<transfer_key> lost;
  std::error_code none;
  for (const auto& spool : known) {
    const auto name = storage_name(spool.key);
    if (!std::filesystem::exists(path_of(name), none))
      std::filesystem::rename(path_of(spool.key.transfer), path_of(name), none);
    auto there = std::filesystem::file_size(path_of(name), none);
    if (spool.bytes > 0 && (none || there < spool.bytes)) {
      lost.push_back(spool.key);
      continue;
    }
    auto bytes = std::max(none ? 0 : std::uint64_t(there), least());
    share_.add(spool.sender, bytes); // it is there, whatever the limit is by now
    kept_[name] = {spool.sender, bytes};
  }
  for (const auto& entry : std::filesystem::directory_iterator{directory_, none})
    if (!kept_.count(entry.path().filename().string())) std::filesystem::remove_all(entry.path(), none);
  return lost;
}

failure spool_space::too_large(const std::string& sender, std::uint64_t bytes) const {
  return {errc::no_space,
          {},
          "a broadcast of " + std::to_string(bytes) +
              " bytes does not fit the spool: " + std::to_string(share_.taken()) + " of " +
              std::to_string(most_) + " are taken, and nobody gets more than his share (" + sender + " has " +
              std::to_string(share_.of(sender)) + ")"};
}

bool spool_space::set(kept& spool, std::uint64_t bytes) {
  if (bytes <= spool.bytes)
    share_.give_back(spool.sender, spool.bytes - bytes);
  else if (!share_.take(spool.sender, bytes - spool.bytes))
    return false;
  spool.bytes = bytes;
  return true;
}

outcome<> spool_space::admit(const std::string& name, const std::string& sender, std::uint64_t size,
                             std::uint64_t keep) {
  std::lock_guard guard{lock_};
  auto known = kept_.find(name);
  auto has = known == kept_.end() ? 0 : known->second.bytes;
  if (known != kept_.end() && known->second.sender != sender)
    return {errc::not_authorised, "the spool " + name + " is another sender's"};
  auto whole = std::max(size, least());
  if (!share_.may_take(sender, whole, has)) return too_large(sender, size);
  unique_fd disk{::open(posix::directory_of(directory_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (auto room = has_room(disk.get(), "the spool of a broadcast of " + std::to_string(size) + " bytes", has,
                           whole - std::min(whole, has));
      !room)
    return room;
  auto& spool = kept_[name];
  spool.sender = sender;
  set(spool, std::max(std::min(keep, spool.bytes), least()));
  return {};
}

outcome<std::uint64_t> spool_space::grow(const std::string& name, std::uint64_t end) {
  std::lock_guard guard{lock_};
  auto known = kept_.find(name);
  if (known == kept_.end()) return failure{errc::no_space, {}, "the spool " + name + " was dropped"};
  auto& spool = known->second;
  if (end <= spool.bytes) return spool.bytes;
  if (!set(spool, end + step_of(most_)) && !set(spool, end)) return too_large(spool.sender, end);
  return spool.bytes;
}

spool_space::usage spool_space::used() {
  std::lock_guard guard{lock_};
  usage now{0, most_};
  for (const auto& [name, spool] : kept_) now.bytes += spool.bytes;
  return now;
}

bool spool_space::drop(const std::string& name) {
  std::lock_guard guard{lock_};
  auto known = kept_.extract(name);
  if (known) share_.give_back(known.mapped().sender, known.mapped().bytes);
  return !known.empty();
}

// The lock is not held for as long as it takes to free what is in it.
void spool_space::remove(const std::string& name) {
  std::string gone;
  {
    std::lock_guard guard{lock_};
    if (kept_.count(name)) return;
    gone = path_of(name) + "." + std::to_string(++removed_) + ".dropped";
    if (::rename(path_of(name).c_str(), gone.c_str()) != 0) return;
  }
  ::unlink(gone.c_str());
}

std::unique_ptr<transfer_file> make_spool_file(std::shared_ptr<spool_space> space) {
  return std::make_unique<spool_file>(std::move(space));
}

} // namespace hublink
