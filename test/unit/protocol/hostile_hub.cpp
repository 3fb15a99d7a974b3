#include "hostile_hub.hpp"
#include "support/catch.hpp"

namespace hublink::test {

std::vector<bytes> recording(std::uint32_t attempt, const transfer_id& transfer) {
  transfer_fixture t;
  t.sending.offer.attempt = attempt;
  t.sending.offer.transfer = transfer;
  t.run();
  REQUIRE(t.driver.received.done());
  std::vector<bytes> records;
  for (auto& record : t.driver.recorded)
    if (record.to_receiver) records.push_back(record.whole);
  REQUIRE(records.size() == number::records);
  return records;
}

statement_hash hash_of_offer(const transfer_fixture& t) {
  return read_statement(record_type::offer, answers_nothing, body_of(t.driver.recorded.at(0).whole))->hash();
}

statement_hash hash_of_header(const transfer_fixture& t) {
  auto& records = t.driver.recorded; // offer, READY, header
  auto ready = read_statement(record_type::ready, hash_of_offer(t), body_of(records.at(1).whole));
  return read_statement(record_type::header, ready->hash(), body_of(records.at(2).whole))->hash();
}

} // namespace hublink::test
