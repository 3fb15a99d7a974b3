#pragma once
/// The receiving end of a transfer: what is done with the file, what the owner is asked, what goes back to
/// the sender. What comes from there is `incoming_records`' work. For receiving_end.cpp alone.
#include "protocol/circuit/record_end.hpp"
#include "protocol/transfer/checkpoint_maker.hpp"
#include "protocol/transfer/incoming_records.hpp"
#include "protocol/transfer/prefix_check.hpp"
#include "protocol/transfer/receiving_phase.hpp"
#include "protocol/transfer/receiving_transcript.hpp"

#include <optional>

namespace hublink {

class receiving_end final : public record_end {
  using phase = receiving_phase;

 public:
  explicit receiving_end(receiving_end_config config)
      : transcript_(std::move(config)), records_(transcript_), checkpoints_(transcript_.interval()) {}

  std::span<std::byte> inbox() override {
    return step_is<wait_for_bytes>() ? room() : std::span<std::byte>{};
  }
  void completed() override;
  void opened(const file_facts&) override {}
  void consulted(const verdict& answer) override;
  void step_failed(const failure& why) override;
  void flushed(const outcome<>& done) override;
  void cut(const failure& why) override;
  bytes sign_of_life() const override;
  transfer_progress progress() const override { return progress_; }
  std::string digest() const override { return digest_; }

 private:
  outcome<std::span<std::byte>> place(record_type type, std::uint32_t size) override {
    return records_.place(type, size);
  }
  void take(record_type type, byte_view body) override;
  void refuse_bytes(const failure& why) override { fail(why); }

  // Each does what a record asks for.
  void act_on(const incoming::nothing&) { wait(); }
  void act_on(const incoming::offer&) { ask_again(); }
  void act_on(const incoming::file& what);
  void act_on(const incoming::further_segment&) { go_on(); }
  void act_on(const incoming::content& what);
  void act_on(const incoming::end& what);
  void act_on(const incoming::abort& what) { fail(what.why, false); }

  void start(phase next, end_step step);
  void wait() { start(phase::taking, wait_for_bytes{}); }
  void send(phase next, bytes record);
  void give_sign();
  void ask_again();
  void decided(const verdict& answer);
  void settle(const begun_publication& what);
  void committed(const verdict& answer);
  void answer_again(const decision::already_done& stored);
  void get_ready(bytes stored_receipt);
  void compare();
  void drop_earlier();
  void count_chunk();
  void go_on();
  void begin_checkpoint();
  void record(const checkpoint& safe);
  void kept();
  void note_publishing();
  void fail(failure why, bool tell = true);
  void keep();
  void discard();
  void leave();
  void end_with(bool courtesy) { set_step(finish{why_, courtesy, why_.code == errc::unconfirmed}); }
  void finish_done() { set_step(finish{{}, true}); }

  bool end_verified() const {
    return published_ || (phase_ >= phase::syncing && phase_ <= phase::receipting);
  }
  bool failing() const { return phase_ >= phase::keeping; }

  receiving_transcript transcript_;
  incoming_records records_;
  phase phase_ = phase::taking;
  std::optional<prefix_check> prefix_; ///< of an earlier attempt
  transfer_progress progress_;
  checkpoint_maker checkpoints_;
  std::string digest_;
  bytes receipt_;
  bool known_ = false; ///< was received before: nothing but its receipt is sent
  bool published_ = false;
  bool job_follows_ = false;
  std::optional<job_result> job_;          ///< sent right behind the receipt
  bool created_ = false;                   ///< there may be a partial file
  std::optional<begun_publication> begun_; ///< by an earlier attempt: to be settled
  bool in_doubt_ = false;                  ///< that one may have published it
  bool cut_ = false, tell_ = true;
  std::optional<failure> late_cut_; ///< to be acted on once the owed report is in
  failure why_;
};

} // namespace hublink
