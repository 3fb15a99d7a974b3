#include "protocol/circuit/record_end.hpp"

namespace hublink {

record_end::record_end()
    : reader_([this](record_type type, std::uint32_t size) { return place(type, size); }) {}

void record_end::received(std::size_t count) {
  if (is_over()) return;
  auto complete = reader_.filled(count);
  if (!complete) return refuse_bytes(complete.error());
  if (!*complete) return;
  auto type = reader_.type();
  auto body = reader_.body();
  reader_.next();
  take(type, body);
}

bool record_end::owes_report() const {
  return given_ && !step_is<wait_for_bytes>() && !step_is<send_bytes>() && !step_is<send_from_file>() &&
         !is_over();
}

void record_end::send_out(bytes data) {
  out_ = std::move(data);
  set_step(send_bytes{out_});
}

std::span<std::byte> record_end::small_body(std::size_t size) {
  small_body_.resize(size);
  return small_body_;
}

bytes encode(const progress_record& record) {
  bytes made(sizeof(record.bytes));
  put_be(made.data(), record.bytes);
  return made;
}

outcome<progress_record> decode_progress(byte_view body) {
  if (body.size() != sizeof(std::uint64_t)) return {errc::bad_message, "record progress: expected 8 bytes"};
  return progress_record{get_be<std::uint64_t>(body.data())};
}

bytes make_progress(std::uint64_t count) {
  return make_record(record_type::progress, encode(progress_record{count}));
}

void append(bytes& to, byte_view record) { to.insert(to.end(), record.begin(), record.end()); }

void append_record(bytes& to, record_type type, byte_view body) { append(to, make_record(type, body)); }

} // namespace hublink
