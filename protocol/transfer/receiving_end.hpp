#pragma once
/// The receiving end of a transfer: its records in receiving_end_records.cpp, its steps in receiving_end.cpp.
/// For these two alone.
#include "protocol/circuit/record_end.hpp"
#include "protocol/transfer/checkpoint_maker.hpp"
#include "protocol/transfer/prefix_check.hpp"
#include "protocol/transfer/receiving_phase.hpp"
#include "protocol/transfer/receiving_transcript.hpp"

#include <optional>

namespace hublink {

class receiving_end final : public record_end {
  using phase = receiving_phase;

 public:
  explicit receiving_end(receiving_end_config config)
      : transcript_(std::move(config)), checkpoints_(transcript_.interval()) {}

  std::span<std::byte> inbox() override {
    return step_is<wait_for_bytes>() ? room() : std::span<std::byte>{};
  }
  void completed() override;
  void opened(const file_facts&) override {}
  void consulted(const verdict& answer) override;
  void step_failed(const failure& why) override;
  void flushed(const outcome<>& done) override;
  void cut(const failure& why) override;
  transfer_progress progress() const override { return progress_; }
  std::string digest() const override { return digest_; }

 private:
  outcome<std::span<std::byte>> place(record_type type, std::uint32_t size) override;
  void take(record_type type, byte_view body) override;
  void refuse_bytes(const failure& why) override { fail(why); }

  outcome<> take_expected(byte_view body);
  outcome<> take_offer(byte_view body);
  outcome<> take_segment(byte_view body);
  outcome<> take_envelopes(byte_view body);
  outcome<> unopened(const failure& why);
  outcome<> take_metadata(byte_view body);
  outcome<> take_chunk();
  outcome<> take_end(byte_view body);
  void take_abort(byte_view body);

  void start(phase next, end_step step);
  void wait(phase next) { start(next, wait_for_bytes{}); }
  void send(phase next, bytes record);
  void give_sign();
  void ask_again();
  void decided(const verdict& answer);
  void committed(const verdict& answer);
  void answer_again(const decision::already_done& stored);
  void get_ready(bytes stored_receipt);
  void compare();
  void drop_earlier();
  void count_chunk();
  void go_on();
  checkpoint so_far() { return {stream_->passed(), stream_->digest()}; }
  void begin_checkpoint();
  void record(const checkpoint& safe);
  void note_publishing();
  void fail(failure why, bool tell = true);
  void keep();
  void discard();
  void leave();
  void finish_done() { set_step(finish{{}, true}); }

  bool end_verified() const {
    return published_ || (phase_ >= phase::syncing && phase_ <= phase::receipting);
  }
  bool is_broadcast() const { return transcript_.offer().broadcast; }
  file_digest digest_so_far();
  bool failing() const { return phase_ >= phase::keeping; }

  receiving_transcript transcript_;
  phase phase_ = phase::offer;
  std::optional<prefix_check> prefix_; ///< of an earlier attempt
  std::optional<incoming_stream> stream_;
  transfer_progress progress_;
  checkpoint_maker checkpoints_;
  std::uint64_t bad_chunk_ = 0; ///< of a broadcast: that did not open, or what stands before it
  std::string digest_;
  bytes receipt_;
  bool known_ = false; ///< was received before: nothing but its receipt is sent
  bool published_ = false;
  bool job_follows_ = false;
  std::optional<job_result> job_; ///< sent right behind the receipt
  bool created_ = false;          ///< there may be a partial file
  bool created_further_ = false;  ///< of a broadcast: it is open, and another segment may follow
  bool cut_ = false, tell_ = true;
  std::optional<failure> late_cut_; ///< to be acted on once the owed report is in
  failure why_;
};

} // namespace hublink
