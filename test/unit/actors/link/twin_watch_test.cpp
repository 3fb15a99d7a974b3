#include "actors/link/peer_connections.hpp"
#include "actors/link/twin_watch.hpp"
#include "support/catch.hpp"

using namespace hublink;
using namespace std::chrono_literals;

namespace {

link_up link_of(std::uint64_t incarnation, link_id id) {
  link_up up;
  up.id = id;
  up.incarnation = incarnation;
  return up;
}

} // namespace

TEST_CASE("a process that comes back after another one shows that both live") {
  twin_watch watch;
  twin_watch::clock::time_point now{};
  CHECK_FALSE(watch.note_link(1, now));
  CHECK_FALSE(watch.note_link(1, now)); // its link broke
  CHECK_FALSE(watch.note_link(2, now)); // restarted
  CHECK_FALSE(watch.note_link(3, now));
  CHECK_FALSE(watch.is_there(now));
  CHECK(watch.note_link(2, now));
  CHECK(watch.is_there(now));
  CHECK(watch.is_there(now + twin_watch::remembered - 1s));
  CHECK_FALSE(watch.is_there(now + twin_watch::remembered));
  CHECK(watch.note_link(3, now + 1h));
  for (std::uint64_t many = 100; many < 200; ++many) CHECK_FALSE(watch.note_link(many, now + 1h));
}

TEST_CASE("a newcomer waits until the one before it had time to show life") {
  twin_watch watch;
  twin_watch::clock::time_point now{};
  CHECK_FALSE(watch.is_due(now));
  CHECK_FALSE(watch.hold(link_of(2, 20), now));
  CHECK(watch.holds(20));
  watch.keep(beat{});
  CHECK_FALSE(watch.is_due(now + twin_watch::patience - 1ms));
  CHECK(watch.is_due(now + twin_watch::patience));
  CHECK(watch.hold(link_of(3, 30), now) == 20u); // a third one
  CHECK(watch.take()->messages.empty());
  CHECK_FALSE(watch.holds_somebody());
  watch.note_refused(now);
  CHECK(watch.is_there(now));
}

TEST_CASE("of two connections the one that stays has shown life") {
  peer_connections all;
  for (link_id id : {1, 2}) {
    peer_connection made;
    made.id = id;
    made.dialled = id == 2;
    made.incarnation = id == 1 ? 7 : 8;
    made.alive = false;
    all.push_back(made);
  }
  CHECK(all.usable()->id == 2);
  CHECK(all.not_of(8) == std::vector<link_id>{1});
  CHECK(all.losers(false).empty());
  all.find(1)->alive = true;
  REQUIRE(all.losers(false).size() == 1);
  CHECK(all.losers(false)[0]->id == 2);
  CHECK(all.losers(true).empty());
  all.find(2)->we_drain = true;
  CHECK(all.usable()->id == 1);
  CHECK(all.losers(false).empty());
  CHECK(all.remove(1));
  CHECK_FALSE(all.remove(1));
  CHECK_FALSE(all.usable());
}
