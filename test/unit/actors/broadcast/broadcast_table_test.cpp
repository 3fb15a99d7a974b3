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
  caf::strong_actor_ptr before;

  outcome<broadcast_table::entry> enter(const transfer_offer& offer) {
    auto entry = table.enter(offer, receivers, {}, 1, {}, before);
    if (entry) (*entry)->held->offered(offer, bytes(record_head));
    return entry;
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
