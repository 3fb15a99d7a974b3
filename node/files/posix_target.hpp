#pragma once
/// A file being received: a partial file beside the target, which a rename puts into place.
#include "actors/ports/file_store.hpp"
#include "node/base/unique_fd.hpp"
#include "node/files/arrival.hpp"
#include "node/files/file_roots.hpp"

namespace hublink {

/// The target's directory, in which it may be put; made if it is missing and `make` says so, else that is
/// `file_missing`. Fails with `file_denied` if a link leads out of the root, or it is among the node's own.
outcome<unique_fd> open_target_folder(const file_roots& roots, const file_place& place, bool make);
/// Renames atomically and syncs the directory. `file_exists` if the policy refuses and something is there.
outcome<> publish_partial(int folder, const std::string& partial, const file_place& place, if_exists policy);

class posix_target : public transfer_file {
 public:
  posix_target(file_roots_ptr roots, std::string path, if_exists policy, const arrival_rule& rule)
      : roots_(std::move(roots)), path_(std::move(path)), policy_(policy), rule_(rule) {}

  outcome<> reopen(const reopen_file& earlier) override;
  outcome<> read(std::uint64_t offset, std::span<std::byte> into) override;
  outcome<> create(const create_file& wanted) override;
  outcome<> write(std::uint64_t offset, byte_view data) override;
  outcome<> sync() override;
  outcome<> prepare_flush() override;
  outcome<> flush() override;
  outcome<> publish() override;
  outcome<> settle(const settle_file& what) override;
  std::string place() const override { return roots_->full_path(path_); }
  void keep() override;
  void discard(const discard_file& which) override;

 private:
  outcome<> find_folder(bool make);
  outcome<> make_new(const create_file& wanted);
  outcome<> go_on_behind(std::uint64_t kept);
  bool names_it() const;
  bool owns_partial() const;
  outcome<> extend_to_end() const;

  std::string shown_partial() const;

  file_roots_ptr roots_;
  std::string path_;
  if_exists policy_;
  const arrival_rule rule_;
  file_place place_;
  unique_fd folder_;
  std::string partial_; ///< in `folder_`; empty while there is none
  unique_fd fd_;
  std::uint32_t mode_ = 0600;
  std::uint64_t end_ = 0; ///< of what was written, holes included
  bool dirty_ = false;
  bool has_inodes_ = true; ///< the file system tells one file from another by number
};

} // namespace hublink
