#pragma once
/// Drives one transfer end on one stream, as the real pump does, with the simulated disk.
#include "simulation/network/network.hpp"
#include "simulation/sim/end_watch.hpp"
#include "simulation/sim/sim_disk.hpp"

#include <functional>
#include <memory>

namespace hublink::sim {

class end_driver : public std::enable_shared_from_this<end_driver> {
 public:
  struct hooks {
    std::function<void(const consult_owner&)> consult;
    std::function<void(const transfer_progress&)> progress;
    std::function<void(outcome<>, const transfer_progress&, std::string digest)>
        over; ///< once; nothing is called after it
  };

  /// `file` is null or a file of `sim_disk`.
  end_driver(network& net, stream line, std::unique_ptr<circuit_end> end, std::unique_ptr<transfer_file> file,
             hooks tell);

  void begin();
  void resume(const verdict& answer);
  /// Resets the stream and lets the end clean up.
  void close(const failure& why);

  std::uint64_t sent() const { return sent_; }         ///< bytes
  std::uint64_t received() const { return received_; } ///< bytes

 private:
  enum class phase : std::uint8_t { working, closing, over };

  void on_news(stream::news what);
  void wake();
  void advance();
  bool take(const end_step& step); ///< false: something must happen first
  line_facts look_at_line();
  void write(byte_view data);
  void feed();
  void cut_if_due();
  void on_disk(const end_step& step);
  void flush();
  bool may_ask(const consult_owner& question);
  void publish();
  void hang(const end_step& step, duration time);
  outcome<> do_file_step(const end_step& step);
  void finished(const end_step& step, outcome<> done);
  bool end_with(const finish& how);
  void await_peer();
  void over();
  void watch();
  void look();
  void note(const std::string& what) { net_.in().note(line_.self(), what); }

  network& net_;
  stream line_;
  std::unique_ptr<circuit_end> end_;
  std::shared_ptr<sim_file> file_;
  bool touched_ = false;         ///< the file, by a step
  bool disk_lost_ = false;       ///< it hung too long, or another one's use of the file does
  std::shared_ptr<void> target_; ///< the right to publish
  std::optional<duration> target_wanted_;
  std::shared_ptr<std::optional<discard_file>> last_wish_; ///< of a file that was given up
  hooks tell_;
  phase phase_ = phase::working;
  bool busy_ = false;     ///< a file operation is under way
  bool flushing_ = false; ///< beside the stream
  std::optional<end_step> after_flush_;
  bool asked_ = false;  ///< the owner was consulted and has not answered
  bool closed_ = false; ///< by the owner
  bool peer_done_ = false;
  bool cut_told_ = false;
  std::size_t taken_ = 0; ///< of the item in front
  std::optional<failure> cut_;
  outcome<> result_;
  duration last_report_{0};
  std::uint64_t sent_ = 0, received_ = 0;
  bool sends_file_ = false; ///< a part of the file is to follow the record's head
  end_watch watch_;
};

} // namespace hublink::sim
