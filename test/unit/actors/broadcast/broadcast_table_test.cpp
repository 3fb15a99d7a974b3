#include "actors/broadcast/broadcast_table.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

const transfer_id some_id(32, 'a');
const std::vector<std::string> receivers{"HOST2", "HOST3"};

transfer_offer offer_of(const std::string& sender, const std::string& file, std::uint32_t attempt = 1,
                        std::uint32_t generation = 1) {
  transfer_offer offer;
  offer.transfer = some_id;
  offer.sender = sender;
  offer.file = file;
  offer.attempt = attempt;
  offer.generation = generation;
  return offer;
}

struct point {
  broadcast_table table;
  std::vector<transfer_key> replaced{};
  outcome<broadcast_table::entry> enter(const transfer_offer& offer,
                                        const std::vector<std::string>& names = receivers) {
    auto entered = table.enter(offer, names, {}, 1, {});
    if (!entered) return entered.error();
    entered->found->held->offered(offer, bytes(record_head));
    replaced = entered->replaced;
    return entered->found;
  }
};

} // namespace

TEST_CASE("who names the id of another's broadcast finds his own") {
  point at;
  auto mine = at.enter(offer_of("HOST1", "FILE01"));
  REQUIRE(mine);
  for (const auto& other :
       {offer_of("EVIL", "EVILB"), offer_of("EVIL", "FILE01"), offer_of("HOST1", "FILE02")}) {
    auto theirs = at.enter(other);
    REQUIRE(theirs);
    CHECK((*theirs)->held != (*mine)->held);
    at.table.forget((*theirs)->key);
  }
  CHECK_FALSE(at.table.adopt({some_id, "EVIL", "EVILB"}, {}));
  CHECK(at.table.adopt({some_id, "HOST1", "FILE01"}, {}) == *mine);
  CHECK(at.table.all().size() == 1);
}

TEST_CASE("an offer of an earlier attempt or generation changes nothing") {
  point at;
  auto held = at.enter(offer_of("HOST1", "FILE01", 3, 2));
  REQUIRE(held);
  for (const auto& old : {offer_of("HOST1", "FILE01", 2, 2), offer_of("HOST1", "FILE01", 4, 1)}) {
    auto refused = at.enter(old);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::replayed);
  }
  CHECK((*held)->held->offer().attempt == 3);
  CHECK(*at.enter(offer_of("HOST1", "FILE01", 4, 2)) == *held);
}

TEST_CASE("receivers whose ways have parted are held apart, and each goes on with his own") {
  point at;
  const auto offer = offer_of("HOST1", "FILE01");
  auto two = at.enter(offer, {"HOST2", "HOST3"}), four = at.enter(offer, {"HOST4"});
  REQUIRE((two && four));
  CHECK(*two != *four);
  CHECK(storage_name((*two)->key) != storage_name((*four)->key));
  CHECK(part_of(storage_name((*four)->key)) == (*four)->key.part);
  CHECK(*at.enter(offer_of("HOST1", "FILE01", 2), {"HOST3", "HOST2"}) == *two);
  CHECK(at.replaced.empty());
  CHECK(at.table.has_later_attempt(**four));
  CHECK_FALSE(at.table.has_later_attempt(**two));
}

TEST_CASE("who is asked for with others replaces what was held for him") {
  point at;
  const auto offer = offer_of("HOST1", "FILE01");
  auto two = at.enter(offer, {"HOST2", "HOST3"}), four = at.enter(offer, {"HOST4"});
  REQUIRE(two);
  (*two)->board->doubt("HOST2");
  (*two)->board->doubt("HOST3");
  auto all = at.enter(offer, {"HOST2", "HOST4"});
  REQUIRE(all);
  CHECK(at.replaced == std::vector{(*two)->key, (*four)->key});
  for (const auto& each : at.replaced) at.table.forget(each);
  CHECK(at.table.all() == std::vector{*all});
  CHECK((*all)->board->doubted() == std::set<std::string>{"HOST2"});
}
