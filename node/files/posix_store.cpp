#include "node/files/posix_store.hpp"

#include "node/files/posix_source.hpp"
#include "node/files/posix_target.hpp"

namespace hublink {

std::unique_ptr<transfer_file> posix_store::source(const std::string& path) {
  return std::make_unique<posix_source>(roots_, path);
}

std::unique_ptr<transfer_file> posix_store::target(const std::string& path, if_exists policy,
                                                   const std::string& file) {
  return std::make_unique<posix_target>(roots_, path, policy, arrivals_.of(file));
}

void posix_store::use_spools(std::uint64_t most_bytes) {
  space_ = std::make_shared<spool_space>(data_ + "/spool", most_bytes);
}

std::optional<spool_space::usage> posix_store::used_by_spools() const {
  return space_ ? std::optional{space_->used()} : std::nullopt;
}

std::unique_ptr<transfer_file> posix_store::spool() { return make_spool_file(space_); }

void posix_store::drop_spool(const transfer_key& transfer) {
  auto name = storage_name(transfer);
  if (space_->drop(name))
    aside(space_->path_of(""), "remove a spool", [space = space_, name] { space->remove(name); });
}

std::vector<transfer_key> posix_store::take_up_spools(const std::vector<kept_spool>& known) {
  return space_->take_up(known);
}

void posix_store::aside(const std::string& path, std::string what, std::function<void()> work) {
  if (!disks_) return work();
  disks_->aside(roots_->full_path(path), std::move(what), std::move(work));
}

outcome<file_facts> posix_store::probe(const std::string& path) {
  auto roots = roots_; // the disk may take longer than this lives
  auto opened = open_to_send(*roots, path);
  return opened ? outcome<file_facts>{opened->facts} : opened.error();
}

std::shared_ptr<void> posix_store::claim(const std::string& path) {
  if (!disks_) return {};
  auto full = roots_->full_path(path);
  auto disk = disks_->of(full);
  disk->note_orphan(full, true);
  return {disk.get(), [disk, full](void*) { disk->note_orphan(full, false); }};
}

} // namespace hublink
