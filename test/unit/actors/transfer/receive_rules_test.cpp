#include "actors/transfer/receive_rules.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

transfer_offer offer(std::uint64_t sequence, std::uint32_t attempt = 1) {
  transfer_offer what;
  what.sequence = sequence;
  what.attempt = attempt;
  return what;
}

errc code_of(const verdict& answer) { return std::get<decision::refuse>(answer).why.code; }

checkpoint safe_of(const verdict& answer) { return std::get<decision::welcome>(answer).safe; }

} // namespace

TEST_CASE("a receiver wants what is new and later than what it published") {
  CHECK(std::holds_alternative<decision::welcome>(admit({}, 0, offer(1))));
  CHECK(std::holds_alternative<decision::welcome>(admit({}, 4, offer(5))));
  CHECK(code_of(admit({}, 5, offer(4))) == errc::superseded);
  CHECK(code_of(admit({}, 5, offer(5))) == errc::replayed);
}

TEST_CASE("a transfer that is known") {
  SECTION("done: its receipt and nothing else, however old it is") {
    auto answer = admit(known_transfer{transfer_state::done, 3, {std::byte{7}}}, 9, offer(5, 1));
    REQUIRE(std::holds_alternative<decision::already_done>(answer));
    CHECK(std::get<decision::already_done>(answer).receipt == bytes{std::byte{7}});
  }
  SECTION("broken off: the next attempt goes on, an older one does not") {
    CHECK(std::holds_alternative<decision::welcome>(
        admit(known_transfer{transfer_state::failed, 1, {}}, 0, offer(1, 2))));
    CHECK(code_of(admit(known_transfer{transfer_state::running, 2, {}}, 0, offer(1, 1))) == errc::replayed);
  }
}

TEST_CASE("only the first of two attempts and the latest of two transfers is published") {
  CHECK(may_publish({transfer_state::running, 1, {}}, 5, 4, {}));
  CHECK(may_publish({transfer_state::running, 1, {}}, 5, 3, {4, true}));
  CHECK(may_publish({transfer_state::running, 1, {}}, 5, 4, {6, true}).error().code == errc::busy);
  CHECK(may_publish({transfer_state::running, 1, {}}, 5, 4, {6, false}).error().code == errc::superseded);
  CHECK(may_publish({transfer_state::done, 1, {}}, 5, 4, {}).error().code == errc::replayed);
  CHECK(may_publish({transfer_state::running, 1, {}}, 4, 5, {6, true}).error().code == errc::superseded);
}

TEST_CASE("a later attempt goes on from what is safe of its generation") {
  known_transfer known{
      .state = transfer_state::queued, .receipt = {}, .generation = 2, .safe = {64, "xxh128:00"}};
  auto later = offer(1, 2);
  later.generation = 2;
  CHECK(safe_of(admit(known, 0, later)) == known.safe);
  later.generation = 3;
  CHECK(safe_of(admit(known, 0, later)) == checkpoint{});
  later.generation = 1;
  CHECK(code_of(admit(known, 0, later)) == errc::replayed);
}

TEST_CASE("what an earlier attempt may have published is settled before anything is said of it") {
  transfer_record record;
  record.state = transfer_state::queued;
  record.attempt = 2;
  record.generation = 2;
  publication what{
      .key = {}, .path = "in/x", .digest = "xxh128:00", .size = 9, .receipt = {std::byte{7}}};
  auto known = known_of(record, &what);
  auto later = offer(1, 3);
  later.generation = 2;
  auto cancelling = later;
  cancelling.cancel = true;
  for (const auto& each : {later, cancelling}) {
    auto answer = admit(known, 0, each);
    auto* wanted = std::get_if<decision::welcome>(&answer);
    REQUIRE(wanted);
    REQUIRE(wanted->begun);
    CHECK(wanted->begun->generation == 1);
    CHECK(wanted->begun->receipt == bytes{std::byte{7}});
    CHECK(wanted->begun->path == "in/x");
  }
  cancelling.attempt = 1;
  CHECK(code_of(admit(known, 0, cancelling)) == errc::replayed);
  record.state = transfer_state::done;
  CHECK_FALSE(known_of(record, &what).begun);
  CHECK_FALSE(known_of(record).begun);
}

TEST_CASE("only a word that it did not happen ends a publication") {
  transfer_record record;
  record.side = transfer_side::receiver;
  for (auto state : {transfer_state::queued, transfer_state::failed}) {
    record.state = state;
    record.reason = failure{errc::unconfirmed};
    CHECK_FALSE(ends_publication(record));
    record.reason = failure{errc::io_error};
    CHECK(ends_publication(record));
  }
  record.state = transfer_state::running;
  CHECK_FALSE(ends_publication(record));
}

TEST_CASE("a cancellation holds, unless the transfer is done") {
  auto cancelling = offer(1, 2);
  cancelling.cancel = true;
  CHECK(code_of(admit({}, 0, cancelling)) == errc::cancelled);
  CHECK(code_of(admit(known_transfer{transfer_state::running, 1, {}}, 0, cancelling)) == errc::cancelled);
  CHECK(std::holds_alternative<decision::already_done>(
      admit(known_transfer{transfer_state::done, 1, {}}, 0, cancelling)));
  CHECK(code_of(admit(known_transfer{transfer_state::cancelled, 1, {}}, 0, offer(1, 2))) == errc::cancelled);
  CHECK(may_publish({transfer_state::cancelled, 1, {}}, 5, 4, {}).error().code == errc::cancelled);

  transfer_record record;
  record.state = transfer_state::queued;
  CHECK_FALSE(may_cancel("a1", {}, false));
  CHECK(may_cancel("a1", record, false));
  CHECK_FALSE(may_cancel("a1", record, true));
  record.state = transfer_state::superseded;
  CHECK_FALSE(may_cancel("a1", record, false));
}
