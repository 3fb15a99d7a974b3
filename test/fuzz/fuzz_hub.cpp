#include "fuzz_hub.hpp"

#include "fuzz_network.hpp"

#include <cstdlib>

namespace hublink::fuzz {
namespace {

using test::end_driver;
using test::passing_record;

bytes altered(bytes record, script& doings) {
  auto at = (doings.number() << 8 | doings.number()) % record.size();
  record[at] ^= std::byte(doings.number());
  return record;
}

/// Its head and the bytes behind it need not agree.
bytes invented(script& doings) {
  auto type = static_cast<record_type>(doings.number());
  auto size = doings.number();
  auto record = make_record(type, doings.some_bytes());
  if (size % 4 == 0) put_be(record.data(), std::uint32_t(size) << 8);
  return record;
}

std::vector<bytes> pass(const passing_record& record, script& doings) {
  if (doings.used_up()) return {record.whole};
  switch (doings.number() % 8) {
  case 0:
    return {altered(record.whole, doings)};
  case 1:
    return {};
  case 2:
    return {record.whole, record.whole};
  case 3:
    return {invented(doings), record.whole};
  case 4:
    return {make_record(record.type, doings.some_bytes())};
  case 5:
    return {bytes(record.whole.begin(), record.whole.begin() + doings.number() % record.whole.size())};
  case 6:
    return {doings.some_bytes()};
  default:
    return {record.whole};
  }
}

/// Bits of one byte: which steps fail, which questions are refused.
void set_trouble(end_driver& driver, std::uint8_t bits) {
  failure broken{errc::io_error, {}, "broken"};
  decision::refuse no{broken};
  if (bits == 1) driver.source.broken_read = broken;
  if (bits == 2) driver.target.broken_create = broken;
  if (bits == 3) driver.target.broken_write = broken;
  if (bits == 4) driver.target.broken_sync = broken;
  if (bits == 5) driver.target.broken_publish = broken;
  if (bits == 6) driver.receiver_owner.answers<question::offer>(no);
  if (bits == 7) driver.receiver_owner.answers<question::publishing>(no);
  if (bits == 8) driver.sender_owner.answers<question::all_sent>(no);
  if (bits == 9) driver.receiver_owner.answers<question::offer>(decision::already_done{bytes(bits)});
}

} // namespace

std::uint8_t script::number() {
  if (data_.empty()) return 0;
  auto first = std::to_integer<std::uint8_t>(data_[0]);
  data_ = data_.subspan(1);
  return first;
}

bytes script::some_bytes() {
  auto taken = data_.first(std::min<std::size_t>(number(), data_.size()));
  data_ = data_.subspan(taken.size());
  return {taken.begin(), taken.end()};
}

void run_transfer(byte_view input, bool aim_at_receiver) {
  script doings{input};
  end_driver driver;
  auto how = doings.number();
  set_trouble(driver, how & 15);
  bool credulous = (how & 16) != 0;
  driver.source.content.assign(doings.number() % 64, std::byte{'x'});
  driver.source.facts.size = driver.source.content.size();
  driver.on_the_way = [&](const passing_record& record) {
    return record.to_receiver == aim_at_receiver ? pass(record, doings) : std::vector<bytes>{record.whole};
  };
  auto& real = shared_network().trust;
  auto sender = make_sending_end(sending(credulous ? credulous_trust("HOST2") : real));
  auto receiver = make_receiving_end(receiving(credulous ? credulous_trust("HOST1") : real));
  driver.run(*sender, *receiver, how);
  auto& target = driver.target;
  bool ended = driver.sent.result && driver.received.result && !target.partial;
  bool whole = target.published == driver.source.content;
  bool wrong = (driver.received.done() && !whole) || (driver.sent.done() && !driver.received.done());
  if (!ended || (wrong && !credulous)) std::abort();
}

} // namespace hublink::fuzz
