#pragma once
/// Files as the ends of a transfer need them. Blocking, but for what makes a `transfer_file`: called only
/// where work may block (a pump's file, `aside`), never by an actor. Failures carry the codes `file_*`,
/// `no_space`, `io_error` and a text that names the path.
#include "actors/definition/transfer_policy.hpp"
#include "protocol/base/errors.hpp"
#include "protocol/circuit/file_steps.hpp"
#include "protocol/circuit/transfer_key.hpp"

#include <functional>
#include <memory>
#include <string>

namespace hublink {

/// One file of one attempt. Sources: `open`, `read`, `recheck`. Targets: all but `open` and `recheck`;
/// `flush` may run beside `write` in another thread, the others run alone.
class transfer_file {
 public:
  virtual ~transfer_file() = default;

  virtual outcome<file_facts> open() { return unfit(); }
  /// All of it, or `file_changed`.
  virtual outcome<> read(std::uint64_t /*offset*/, std::span<std::byte> /*into*/) { return unfit(); }
  /// Of the open file, whatever its path leads to by now.
  virtual outcome<file_facts> recheck() { return unfit(); }

  virtual outcome<> reopen(const reopen_file&) { return unfit(); } ///< an earlier attempt's partial file
  /// A partial file beside the target, or the reopened one; `no_space` if it can't fit.
  virtual outcome<> create(const create_file&) { return unfit(); }
  /// Before its bytes up to there are written: `no_space` if there must not be so many.
  virtual outcome<> make_room(std::uint64_t /*end*/) { return {}; }
  virtual outcome<> write(std::uint64_t /*offset*/, byte_view) { return unfit(); } ///< zeros may become holes
  virtual outcome<> sync() { return unfit(); }
  virtual outcome<> prepare_flush() { return unfit(); } ///< the file's length covers all that was written
  virtual outcome<> flush() { return unfit(); }   ///< what was written before `prepare_flush` is durable
  virtual outcome<> publish() { return unfit(); } ///< atomic rename, then the directory is synced
  /// As the step says; of one that nothing was done with. The partial file is gone: it was published. A disk
  /// that said that content was safe may have lost it all the same.
  virtual outcome<> settle(const settle_file&) { return unfit(); }
  /// Of the open file, to move its bytes without seeing them; -1: `read` and `write` alone serve.
  virtual int descriptor() const { return -1; }
  /// Its absolute path, by which the file system that it is on can be found.
  virtual std::string place() const { return "/"; }
  virtual void keep() {}                       ///< closes it; the partial file stays
  virtual void discard(const discard_file&) {} ///< removes the partial file, if any

 private:
  static failure unfit() { return {errc::io_error, {}, "a source is no target, and a target no source"}; }
};

/// What is known of a spool that an earlier process left.
struct kept_spool {
  transfer_key key;
  std::uint64_t bytes = 0; ///< of its file, that are durable
  std::string sender{};    ///< whose share they count for
};

class file_store {
 public:
  virtual ~file_store() = default;

  /// Paths are relative to the node's data directory unless absolute.
  virtual std::unique_ptr<transfer_file> source(const std::string& path) = 0;
  /// A broadcast's spool: `create`, `write` and `sync`, or `reopen` and `read`; which one, these say by its
  /// `storage_name`. `no_space` if it exceeds what spools may have of this node's disk, or its sender's share
  /// of that.
  virtual std::unique_ptr<transfer_file> spool() { return std::make_unique<transfer_file>(); }
  virtual void drop_spool(const transfer_key&) {}
  /// At the start: removes all other spools, and returns those of `known` whose bytes are not there.
  virtual std::vector<transfer_key> take_up_spools(const std::vector<kept_spool>& /*known*/) { return {}; }
  /// `file`: its ID, by which the node's operator may say who gets it.
  virtual std::unique_ptr<transfer_file> target(const std::string& path, if_exists policy,
                                                const std::string& file = {}) = 0;
  /// Does that on a thread that may wait for the disk that holds `path`; here, it is done at once. `what`
  /// says in `status` what is waited for.
  virtual void aside(const std::string& /*path*/, std::string /*what*/, std::function<void()> work) {
    work();
  }
  /// Can this be sent?
  virtual outcome<file_facts> probe(const std::string& path) = 0;
  /// As long as somebody has that, no end gets this target: each is refused with `timed_out`. At once, and
  /// for the start of a node alone.
  virtual std::shared_ptr<void> claim(const std::string& /*path*/) { return {}; }
};

} // namespace hublink
