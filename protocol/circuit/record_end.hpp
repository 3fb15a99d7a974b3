#pragma once
/// What both ends of a transfer share: the current step, and the way from incoming bytes to whole records.
#include "protocol/circuit/circuit_end.hpp"
#include "protocol/circuit/record_frame.hpp"

namespace hublink {

class record_end : public circuit_end {
 public:
  end_step next() final {
    given_ = true;
    return step_;
  }
  void received(std::size_t count) final;

 protected:
  record_end();

  /// Where the body of this record goes, or why it must not come now; as `record_reader` asks.
  virtual outcome<std::span<std::byte>> place(record_type type, std::uint32_t size) = 0;
  /// A whole record. `body` lies where `place` said.
  virtual void take(record_type type, byte_view body) = 0;
  /// What came is no record, or none that may come now.
  virtual void refuse_bytes(const failure& why) = 0;

  void set_step(end_step step) {
    step_ = std::move(step);
    given_ = false;
  }
  template <class Step>
  bool step_is() const {
    return std::holds_alternative<Step>(step_);
  }
  bool is_over() const { return step_is<finish>(); }
  /// The driver has it and will report it, also after the circuit is gone.
  bool owes_report() const;
  /// Sends what `out_` holds.
  void send_out(bytes data);
  std::span<std::byte> small_body(std::size_t size);
  std::span<std::byte> room() { return reader_.room(); }
  std::size_t elsewhere() const { return reader_.elsewhere(); }

 private:
  record_reader reader_;
  bytes small_body_, out_;
  end_step step_;
  bool given_ = false;
};

/// A sign of life, believed by nobody. Of the receiver: what is safe, or was checked again; of the sender,
/// before its header: what it has checked again.
struct progress_record {
  std::uint64_t bytes = 0;
};

bytes encode(const progress_record& record);
outcome<progress_record> decode_progress(byte_view body);
/// The whole record `progress`.
bytes make_progress(std::uint64_t count);
/// Appends a record to what will be sent.
void append(bytes& to, byte_view record);
void append_record(bytes& to, record_type type, byte_view body);

} // namespace hublink
