#pragma once
/// Drives a transfer's end on its socket and its file, on the threads of that file's file system. The loop is
/// a plain function that runs until something has to be waited for: system calls are tried first and waited
/// for only where they would block, so a whole chunk costs hardly more than its own read and write. All of it
/// is under one lock, but what is done with the file: meanwhile others give signs of life to the peer, and
/// give the file up, or the peer, if that takes too long (docs/internals/disks.md).
#include "actors/ports/file_store.hpp"
#include "node/circuit/data_socket.hpp"
#include "node/circuit/end_file.hpp"
#include "node/circuit/file_flow.hpp"
#include "node/circuit/file_step.hpp"
#include "node/circuit/paced_turn.hpp"
#include "node/circuit/waiting_limits.hpp"
#include "node/circuit/worker_pools.hpp"
#include "node/socket/waitable_socket.hpp"
#include "protocol/circuit/circuit_end.hpp"

#include <asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace hublink {

class end_pump : public std::enable_shared_from_this<end_pump> {
 public:
  struct report {
    outcome<> result;
    std::uint64_t sent = 0, received = 0; ///< bytes on the socket
    transfer_progress content;
    std::string digest; ///< if done
  };
  /// Called on any of the pools' threads.
  struct handler {
    std::function<void(transfer_progress)> progressed; ///< at most five a second
    std::function<void(consult_owner)> consulted;      ///< then `resume`, if it `wants_answer`
    std::function<void(report)> ended;                 ///< once, last
  };

  /// `from` has no operation pending; it leaves its executor. `file` may be null.
  end_pump(data_socket from, std::unique_ptr<circuit_end> end, std::unique_ptr<transfer_file> file,
           worker_pools& pools, std::shared_ptr<pipe_pool> pipes, handler events, waiting_limits limits);

  /// Sends no faster than that. Before `start`.
  void pace(pacer limits) { turn_.limit(std::move(limits)); }

  // Thread-safe, and nothing once the pump has ended.
  void start();
  /// The end's own limit, in bytes per second, 0 for none; nothing: the shared one changed.
  void change_rate(std::optional<std::uint64_t> own);
  void resume(verdict answer);
  /// Resets the socket. The end still finishes what it does with file and owner; if it is done, it stays
  /// done.
  void close(failure why);

 private:
  using clock = std::chrono::steady_clock;

  // With the lock held, as all that stands below.
  void start_on(disk_pool_ptr disk);
  template <class Work>
  void later(const asio::any_io_executor& where, Work work);
  void drive();
  void want_drive();
  void wake();
  void run_steps();
  // Each performs a step: true if the end can be asked for the next one now.
  bool perform(const wait_for_bytes&);
  bool perform(const send_bytes& step);
  bool perform(const send_from_file& step);
  template <file_step Step>
  bool perform(const Step& step);
  bool perform(const sync_file&);
  bool perform(const flush_file&);
  bool perform(const publish_file&);
  bool perform(const keep_file&);
  bool perform(const discard_file& step);
  bool perform(const consult_owner& question);
  bool perform(const measure_line& step);
  bool may_ask(const consult_owner& question);
  bool perform(const finish& step);

  bool completed(const outcome<>& done);
  bool completed(const std::optional<outcome<>>& done) { return done && completed(*done); }
  bool sync_aside(const char* what, outcome<> (transfer_file::*work)());
  void flushed(const outcome<>& done);
  template <class Work>
  bool at_last(const char* what, Work work);

  bool move_to_disk();
  void move_to(const asio::any_io_executor& where);
  void watch();
  void look();
  std::optional<clock::time_point> works_since() const;
  std::string slow_text(clock::time_point since) const;
  void tell_if_slow(std::optional<clock::time_point> since, clock::time_point now);
  bool can_sign() const;
  moved_bytes send_sign();
  void give_up_disk(clock::time_point since);
  /// What a send step sends: bytes, or of the file from that offset on.
  struct content {
    const std::byte* data = nullptr;
    std::uint64_t offset = 0;
    bool operator==(const content&) const = default;
  };
  template <class Give>
  bool send(const content& what, std::size_t size, Give give);
  bool receive();
  bool came(const moved_bytes& got);
  /// A wait that is pending, and since when.
  struct armed_wait {
    bool is = false;
    clock::time_point since{};
  };
  void wait(tcp::socket::wait_type event, armed_wait& armed);
  void lost(const failure& why);
  void linger(std::chrono::seconds limit);
  void discard_input();
  void conclude();
  void note_progress();
  transfer_progress progress_now() const;

  mutable std::mutex lock_;
  worker_pools& pools_;
  asio::any_io_executor steady_, work_; ///< `work_`: where the end is driven, its disk's once it needs that
  int home_ = 0;                        ///< counts the changes of `work_`
  disk_pool_ptr disk_;
  bool has_moved_ = false;   ///< to the disk's threads
  data_socket fresh_socket_; ///< until the start
  std::shared_ptr<waitable_socket> socket_;
  std::unique_ptr<circuit_end> end_;
  std::unique_ptr<transfer_file> fresh_file_; ///< until the start
  std::shared_ptr<end_file> file_;
  std::shared_ptr<end_file> lost_file_; ///< that was given up; then the disk does nothing more for this pump
  std::optional<failure> disk_lost_;    ///< why
  handler events_;
  asio::steady_timer linger_limit_, watch_;
  waiting_limits limits_;
  std::uint64_t moved_bytes_ = 0, sent_bytes_ = 0; ///< as of the last look
  clock::time_point moved_at_{}, sent_at_{};
  bytes sign_;      ///< that is being sent, between two records
  paced_turn turn_; ///< of a sending end
  file_flow flow_;
  std::size_t most_unsent_ = 0; ///< in the kernel; 0: as the system has it
  content sending_;             ///< the send step under way
  std::size_t sent_of_it_ = 0;
  std::uint64_t sent_ = 0, received_ = 0;
  armed_wait reading_, writing_;
  std::optional<clock::time_point> drive_wanted_; ///< it is queued since then
  bool drive_again_ = false;            ///< something came while the file was used: to be looked at after it
  bool flushing_ = false;               ///< beside the stream
  std::optional<outcome<>> flush_over_; ///< while the file is used: to be told to the end after it
  bool woken_ = false;                  ///< to be told to the end between two steps
  bool publishing_ = false;             ///< the rename is under way, or may be
  bool giving_ = false;                 ///< the file is being given to the socket
  std::optional<clock::time_point> asked_owner_;
  std::optional<clock::time_point> target_wanted_; ///< another one publishes there since then
  bool input_over_ = false, lost_ = false;         ///< by FIN; by anything else
  std::optional<failure> closing_;                 ///< to be told to the end
  clock::time_point closing_since_{};
  std::optional<outcome<>> result_;
  bool concluded_ = false;
  clock::time_point told_at_{};
  std::uint64_t told_bytes_ = 0, told_heard_ = 0;
};

} // namespace hublink
