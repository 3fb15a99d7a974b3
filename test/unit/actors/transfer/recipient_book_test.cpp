#include "actors/transfer/recipient_book.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

transfer_record to(std::map<std::string, transfer_state> receivers) {
  transfer_record record;
  record.transfer = "0123456789abcdef";
  record.to = std::move(receivers);
  return record;
}

/// By its own word, or by a point's.
receiver_result failed(const std::string& name, errc code, evidence by = evidence::proof) {
  return {name, failure{code, name, "no", by}, {}};
}

} // namespace

TEST_CASE("an attempt is for whom the definition names now, and keeps who is done") {
  auto record = to({{"GONE", transfer_state::failed},
                    {"DONE", transfer_state::done},
                    {"STAYS", transfer_state::unconfirmed}});
  recipient_book book;
  book.begin(record, {"STAYS", "NEW"}, {}, {});
  CHECK(record.to == std::map<std::string, transfer_state>{{"DONE", transfer_state::done},
                                                           {"NEW", transfer_state::queued},
                                                           {"STAYS", transfer_state::unconfirmed}});
}

TEST_CASE("certificates that a manager applied go before the node's own") {
  auto record = to({});
  recipient_book book;
  const bytes applied{std::byte{1}}, own{std::byte{2}};
  book.begin(record, {"A", "B"}, {{"A", applied}}, {{"A", own}, {"B", own}, {"C", own}});
  auto config = book.config({}, record, {});
  CHECK(config.certificates == recipient_book::certificates{{"A", applied}, {"B", own}});
}

TEST_CASE("what receivers say is in the record, and written down once") {
  auto record = to({{"A", transfer_state::queued}, {"B", transfer_state::queued}});
  recipient_book book;
  CHECK_FALSE(book.take_unsaved(record.transfer));
  CHECK(book.note(record, {{.name = "A", .job = job_result{false, "went wrong"}}}, 42));
  CHECK(record.to.at("A") == transfer_state::done);
  CHECK_FALSE(book.has_every_result(record));
  CHECK_FALSE(book.note(record, {failed("B", errc::stored)}, 43));
  CHECK(record.to.at("B") == transfer_state::spooled);
  CHECK(book.has_every_result(record));
  auto change = book.take_unsaved(record.transfer);
  REQUIRE(change);
  CHECK(change->to.size() == 2);
  REQUIRE(change->jobs.size() == 1);
  CHECK(change->jobs.front().node == "A");
  CHECK(change->jobs.front().ended_ms == 42);
  CHECK_FALSE(book.take_unsaved(record.transfer));
  book.note(record, {failed("B", errc::no_space)}, 44);
  book.forget_unsaved();
  CHECK_FALSE(book.take_unsaved(record.transfer));
}

TEST_CASE("who failed before stays failed when the rest is cancelled") {
  auto record = to({{"A", transfer_state::failed}, {"B", transfer_state::running}});
  recipient_book book;
  book.note(record, {failed("A", errc::cancelled), failed("B", errc::cancelled)}, 1);
  CHECK(record.to.at("A") == transfer_state::failed);
  CHECK(record.to.at("B") == transfer_state::cancelled);
  set_state(record, transfer_state::queued);
  book.settle(record);
  CHECK(record.to.at("A") == transfer_state::failed);
}

TEST_CASE("a point says of nobody what he has settled") {
  auto record = to({{"A", transfer_state::queued}, {"B", transfer_state::queued}});
  recipient_book book;
  book.note(record, {failed("A", errc::cancelled, evidence::seen), failed("B", errc::superseded)}, 1);
  CHECK(record.to.at("A") == transfer_state::failed);
  CHECK(record.to.at("B") == transfer_state::superseded);
  CHECK(book.may_be_mended()); // A
  book.note(record, {failed("A", errc::cancelled)}, 2);
  CHECK_FALSE(book.may_be_mended());
}

TEST_CASE("a plan for others than the definition's recipients is refused, and says for whom") {
  CHECK(check_plan({}, {"A", "B"}, "HOST1"));
  CHECK(check_plan({"B", "A"}, {"A", "B"}, "HOST1"));
  auto extra = check_plan({"A", "B", "EVE"}, {"A", "B"}, "HOST1");
  REQUIRE_FALSE(extra);
  CHECK(extra.error().text.find("(also EVE)") != std::string::npos);
  auto missing = check_plan({"A"}, {"A", "B"}, "HOST1");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().text.find("(not B)") != std::string::npos);
  CHECK(missing.error().code == errc::bad_config);
}

TEST_CASE("what waits in a store has not failed") {
  CHECK(first_failed({failed("A", errc::stored), {"B", {}, {}}}) == nullptr);
  const std::vector<receiver_result> results{failed("A", errc::stored), failed("B", errc::no_space)};
  REQUIRE(first_failed(results));
  CHECK(first_failed(results)->name == "B");
}
