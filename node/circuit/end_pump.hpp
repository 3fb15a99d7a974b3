#pragma once
/// Drives a transfer's end on its socket and its file. Everything runs on one strand of a thread pool, so
/// that file, crypto and fsync block that pool alone. The loop is a plain function that runs until something
/// has to be waited for: system calls are tried first and waited for only where they would block, so a whole
/// chunk costs hardly more than its own read and write.
#include "actors/ports/file_store.hpp"
#include "node/circuit/data_socket.hpp"
#include "node/circuit/file_flow.hpp"
#include "node/circuit/rate_limit.hpp"
#include "node/circuit/worker_pools.hpp"
#include "node/socket/waitable_socket.hpp"
#include "protocol/circuit/circuit_end.hpp"

#include <asio/steady_timer.hpp>
#include <asio/strand.hpp>

#include <functional>
#include <memory>
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
  /// Called on the pool.
  struct handler {
    std::function<void(transfer_progress)> progressed; ///< at most five a second
    std::function<void(consult_owner)> consulted;      ///< then `resume`, if it `wants_answer`
    std::function<void(report)> ended;                 ///< once, last
  };

  /// `from` has no operation pending; it leaves its executor. `file` may be null. No byte moved for
  /// `stall_limit` while one is waited for: the circuit counts as broken.
  end_pump(data_socket from, std::unique_ptr<circuit_end> end, std::unique_ptr<transfer_file> file,
           worker_pools& pools, std::shared_ptr<pipe_pool> pipes, handler events,
           std::chrono::seconds stall_limit);

  /// Sends no faster than that. Before `start`.
  void pace(pacer limits) { pacer_ = std::move(limits); }

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
  using strand = asio::strand<asio::thread_pool::executor_type>;

  void drive();
  void wake();
  void run_steps();
  // Each performs a step: true if the end can be asked for the next one now.
  bool perform(const wait_for_bytes&);
  bool perform(const send_bytes& step);
  bool perform(const send_from_file& step);
  bool perform(const open_file&);
  bool perform(const read_file& step);
  bool perform(const recheck_file&);
  bool perform(const reopen_file& step);
  bool perform(const create_file& step);
  bool perform(const write_file& step);
  bool perform(const sync_file&);
  bool perform(const flush_file&);
  bool perform(const publish_file&);
  bool perform(const keep_file&);
  bool perform(const discard_file& step);
  bool perform(const consult_owner& question);
  bool perform(const finish& step);

  bool completed(const outcome<>& done);
  bool examined(const outcome<file_facts>& facts);
  bool sync_aside(outcome<> (transfer_file::*work)());
  void synced(const outcome<>& done);
  void flushed(const outcome<>& done);
  void watch_for_stall();
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
  void wait(tcp::socket::wait_type event, bool& armed);
  void wait_for_turn();
  void lost(const failure& why);
  void linger(std::chrono::seconds limit);
  void discard_input();
  void conclude();
  void note_progress();

  strand strand_;
  waitable_socket socket_;
  std::unique_ptr<circuit_end> end_;
  std::unique_ptr<transfer_file> file_;
  worker_pools& pools_;
  handler events_;
  asio::steady_timer linger_limit_, stall_check_;
  std::chrono::seconds stall_limit_;
  std::uint64_t moved_at_check_ = 0; ///< bytes, as of the last look
  std::optional<pacer> pacer_;       ///< of a sending end
  asio::steady_timer turn_;
  file_flow flow_;
  content sending_; ///< the send step under way
  std::size_t sent_of_it_ = 0;
  std::uint64_t sent_ = 0, received_ = 0;
  bool reading_armed_ = false, writing_armed_ = false; ///< a wait is pending
  bool working_aside_ = false;                         ///< the file is in use by another thread
  bool flushing_ = false;                              ///< … which only makes it durable
  bool turn_armed_ = false;
  bool asked_owner_ = false;
  bool input_over_ = false, lost_ = false; ///< by FIN; by anything else
  std::optional<failure> closing_;         ///< to be told to the end
  std::optional<outcome<>> result_;
  bool concluded_ = false;
  clock::time_point told_at_{};
  std::uint64_t told_bytes_ = 0;
};

} // namespace hublink
