#pragma once
/// A file being received: a partial file beside the target, which a rename puts into place.
#include "actors/ports/file_store.hpp"
#include "node/base/unique_fd.hpp"

namespace hublink {

/// `DIR/.NAME.hublink-TRANSFER-GENERATION.part` for the target `DIR/NAME`; a long NAME is shortened.
std::string partial_path(const std::string& target, const transfer_id& transfer, std::uint32_t generation);
/// Renames atomically and syncs the directory. `file_exists` if the policy refuses and something is there.
outcome<> publish_partial(const std::string& partial, const std::string& target, if_exists policy);

class posix_target : public transfer_file {
 public:
  posix_target(std::string path, if_exists policy) : path_(std::move(path)), policy_(policy) {}

  outcome<> reopen(const reopen_file& earlier) override;
  outcome<> read(std::uint64_t offset, std::span<std::byte> into) override;
  outcome<> create(const create_file& wanted) override;
  outcome<> write(std::uint64_t offset, byte_view data) override;
  outcome<> sync() override;
  outcome<> prepare_flush() override;
  outcome<> flush() override;
  outcome<> publish() override;
  void keep() override;
  void discard(const discard_file& which) override;

 private:
  outcome<> make_new(const create_file& wanted);
  outcome<> go_on_behind(std::uint64_t kept);
  outcome<> may_be_replaced() const;
  bool owns_partial() const;
  outcome<> has_room(std::uint64_t size) const;
  outcome<> extend_to_end() const;

  std::string path_, partial_; ///< `partial_` is empty while there is none
  if_exists policy_;
  unique_fd fd_;
  std::uint32_t mode_ = 0600;
  std::uint64_t end_ = 0; ///< of what was written, holes included
  bool dirty_ = false;
};

} // namespace hublink
