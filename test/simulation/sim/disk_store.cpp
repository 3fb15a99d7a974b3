/// The file_store of one life of a node.
#include "simulation/sim/sim_disk.hpp"

#include "protocol/transfer/digest.hpp"

#include <algorithm>

namespace hublink::sim {

namespace {

bool has_digest(const bytes& content, const std::string& digest) {
  for (auto kind : {digest_kind::xxh128, digest_kind::sha256}) {
    file_digest found{kind};
    found.add(content);
    if (is_digest(digest, kind)) return found.text() == digest;
  }
  return false;
}

} // namespace

/// Holds the disk's life in which it was opened: a dead node's handles do nothing.
class disk_file final : public sim_file {
 public:
  disk_file(sim_disk& on, std::string path, if_exists policy)
      : disk_(on), life_(on.life_), path_(std::move(path)), policy_(policy) {}

  outcome<file_facts> open() override {
    if (auto alive = check(); !alive) return alive.error();
    file_ = disk_.find(path_);
    if (!file_) return missing();
    return facts(*file_);
  }

  outcome<> read(std::uint64_t offset, std::span<std::byte> into) override {
    if (auto alive = check(); !alive) return alive;
    if (auto fault = disk_.fault(path_); !fault) return fault;
    if (!file_ || offset + into.size() > file_->content.size())
      return {errc::file_changed, path_ + " has become shorter"};
    std::copy_n(file_->content.begin() + std::ptrdiff_t(offset), into.size(), into.begin());
    return {};
  }

  outcome<file_facts> recheck() override {
    if (auto alive = check(); !alive) return alive.error();
    return facts(*file_);
  }

  outcome<> reopen(const reopen_file& earlier) override {
    if (auto alive = check(); !alive) return alive;
    auto partial = partial_path(path_, earlier.transfer, earlier.generation);
    file_ = disk_.find(partial);
    if (!file_) return {errc::io_error, partial + " does not exist"};
    partial_ = partial;
    return {};
  }

  outcome<> create(const create_file& wanted) override {
    if (auto alive = check(); !alive) return alive;
    if (policy_ == if_exists::refuse && disk_.find(path_)) return exists();
    if (wanted.keep > 0 && !file_) {
      if (auto earlier = reopen({wanted.transfer, wanted.generation}); !earlier) return earlier;
    }
    if (wanted.keep > 0) return disk_.fault(path_);
    for (auto older = wanted.generation - 1; older > 0; --older)
      remove(partial_path(path_, wanted.transfer, older));
    auto partial = partial_path(path_, wanted.transfer, wanted.generation);
    if (auto fault = disk_.fault(path_); !fault) return fault;
    file_ = disk_.make(partial);
    file_->mode = wanted.mode;
    file_->content.resize(wanted.size);
    file_->unsynced.push_back({wanted.size, {}});
    partial_ = partial;
    return {};
  }

  outcome<> write(std::uint64_t offset, byte_view data) override {
    if (auto alive = check(); !alive) return alive;
    if (auto fault = disk_.fault(path_); !fault) return fault;
    auto& content = file_->content;
    content.resize(std::max<std::size_t>(content.size(), offset + data.size()));
    std::copy(data.begin(), data.end(), content.begin() + std::ptrdiff_t(offset));
    file_->unsynced.push_back({offset, {data.begin(), data.end()}});
    file_->modified_ns = disk_.stamp();
    return {};
  }

  outcome<> sync() override {
    if (auto alive = check(); !alive) return alive;
    if (auto fault = disk_.fault(path_); !fault) return fault;
    if (!disk_.lies_now()) disk_.sync(*file_);
    return {};
  }

  outcome<> prepare_flush() override { return check(); }
  outcome<> flush() override { return sync(); }

  outcome<> publish() override {
    if (auto renamed = rename(); !renamed) return renamed;
    return sync_directory();
  }

  outcome<> rename() override {
    if (auto alive = check(); !alive) return alive;
    if (disk_.find(partial_) != file_)
      return {errc::io_error, partial_ + " is not this transfer's file any more"};
    if (policy_ == if_exists::refuse && disk_.find(path_)) return exists();
    if (auto code = std::exchange(disk_.next_rename_fault, {})) return {*code, path_ + ": can't be replaced"};
    disk_.change({path_, partial_, file_});
    return {};
  }

  outcome<> sync_directory() override {
    if (auto alive = check(); !alive) return alive;
    if (!disk_.lies_now()) disk_.sync_names();
    return {};
  }

  outcome<> settle(const settle_file& what) override {
    if (auto alive = check(); !alive) return alive;
    auto partial = partial_path(path_, what.transfer, what.generation);
    auto file = disk_.find(partial);
    if (!file) return sync_directory();
    if (!what.content.digest.empty() && !has_digest(file->content, what.content.digest))
      return {errc::cut, path_ + ": an earlier attempt left something else here"};
    if (policy_ == if_exists::refuse && disk_.find(path_)) return exists();
    disk_.change({path_, partial, file});
    return sync_directory();
  }

  duration sync_time() override { return disk_.sync_time(); }
  duration hanging_time(bool publishes) override { return disk_.hanging_time(publishes); }
  void note_orphan(bool is_one) override {
    if (!check()) return;
    if (is_one)
      disk_.orphans_.insert(path_);
    else if (auto found = disk_.orphans_.find(path_); found != disk_.orphans_.end())
      disk_.orphans_.erase(found);
  }
  bool has_orphan() const override { return disk_.orphans_.count(path_) > 0; }
  std::shared_ptr<void> take_target() override {
    if (!disk_.targets_.insert(path_).second) return {};
    return {&disk_, [life = life_, path = path_](void* disk) {
              auto& of = *static_cast<sim_disk*>(disk);
              if (of.life_ == life) of.targets_.erase(path);
            }};
  }

  void discard(const discard_file& which) override {
    if (!check()) return;
    if (file_) {
      auto partial = partial_path(path_, which.transfer, which.generation);
      if (disk_.find(partial) == file_) remove(partial);
      return;
    }
    const auto begin = path_ + "." + which.transfer + ".";
    for (const auto& path : disk_.list())
      if (path.starts_with(begin) && path.ends_with(".part") &&
          std::stoul(path.substr(begin.size())) <= which.generation)
        remove(path);
  }

 private:
  void remove(const std::string& path) {
    if (disk_.find(path)) disk_.change({.path = path, .from = {}, .what = nullptr});
  }
  outcome<> check() const {
    if (disk_.life_ == life_) return {};
    return {errc::io_error, "this node is dead"};
  }
  failure missing() const { return {errc::file_missing, {}, path_ + " does not exist"}; }
  failure exists() const { return {errc::file_exists, {}, path_ + " exists"}; }
  static file_facts facts(const sim_disk::inode& file) {
    return {file.content.size(), file.modified_ns, file.mode};
  }

  sim_disk& disk_;
  std::uint64_t life_;
  std::string path_, partial_;
  if_exists policy_;
  sim_disk::inode_ptr file_;
};

class disk_store final : public file_store {
 public:
  explicit disk_store(sim_disk& on) : disk_(on) {}

  std::unique_ptr<transfer_file> source(const std::string& path) override {
    return std::make_unique<disk_file>(disk_, path, if_exists::replace);
  }
  std::unique_ptr<transfer_file> target(const std::string& path, if_exists policy,
                                        const std::string& /*file*/) override {
    return std::make_unique<disk_file>(disk_, path, policy);
  }
  std::unique_ptr<transfer_file> spool() override {
    return std::make_unique<disk_file>(disk_, "spool/", if_exists::replace);
  }
  void drop_spool(const transfer_key& transfer) override {
    for (const auto& path : disk_.list())
      if (path.starts_with(beginning_of(transfer))) disk_.change({.path = path, .from = {}, .what = nullptr});
  }
  std::vector<transfer_key> take_up_spools(const std::vector<kept_spool>& known) override {
    std::vector<transfer_key> lost;
    for (const auto& file : known) {
      bool there = file.bytes == 0;
      for (const auto& path : disk_.list())
        there = there ||
                (path.starts_with(beginning_of(file.key)) && disk_.find(path)->content.size() >= file.bytes);
      if (!there) lost.push_back(file.key);
    }
    return lost;
  }
  outcome<file_facts> probe(const std::string& path) override { return source(path)->open(); }

 private:
  /// The spool's file, of any generation.
  static std::string beginning_of(const transfer_key& key) { return "spool/." + storage_name(key) + "."; }

  sim_disk& disk_;
};

std::unique_ptr<file_store> sim_disk::mount() { return std::make_unique<disk_store>(*this); }

} // namespace hublink::sim
