#include "actors/transfer/receiver_lanes.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <random>

using namespace hublink;
using namespace std::chrono_literals;

namespace {

using lanes_time = receiver_lanes::time;
using how = receiver_lanes::how_it_ended;

constexpr lanes_time at(std::chrono::milliseconds since) { return lanes_time{} + 1h + since; }

waiting_send send_to(const std::string& lane, const transfer_id& id, int outlasts = 1000,
                     std::chrono::milliseconds pause = 5s) {
  waiting_send send;
  send.transfer = id;
  send.file = "F" + id;
  send.lane = lane;
  send.pause = pause;
  send.outlasts = outlasts;
  return send;
}

waiting_send tried_again(waiting_send send) {
  send.tried = true;
  --send.outlasts;
  return send;
}

/// What starts one after the other, until nobody may.
std::vector<transfer_id> start_all(receiver_lanes& lanes, lanes_time now, std::size_t most = 100) {
  std::vector<transfer_id> started;
  while (started.size() < most) {
    auto next = lanes.next(now);
    if (!next) break;
    lanes.start(*next, now);
    started.push_back(*next);
  }
  return started;
}

std::string numbered(int number) {
  auto digits = std::to_string(number);
  return std::string(6 - digits.size(), '0') + digits;
}

} // namespace

TEST_CASE("the highest priority goes first, then the oldest, of one file ID one at a time") {
  receiver_lanes lanes;
  lanes.set_places(4);
  auto add = [&](const std::string& id, const std::string& file, int priority) {
    auto send = send_to("lane of " + id, id);
    send.file = file;
    send.priority = priority;
    lanes.add(send, at(0s));
  };
  add("2", "B", 0);
  add("3", "A", 0);
  add("1", "LOW", -5);
  add("4", "HIGH", 7);
  add("5", "HIGH", 7);
  std::vector<transfer_id> order;
  while (auto next = lanes.next(at(0s))) {
    lanes.start(*next, at(0s));
    lanes.show_life(*next);
    order.push_back(*next);
  }
  CHECK(order == std::vector<transfer_id>{"4", "2", "3", "1"});
  lanes.end("4", how::well, at(1s));
  CHECK(lanes.next(at(1s)) == "5");
}

TEST_CASE("what rests takes no place of its lane, until it goes on") {
  receiver_lanes lanes;
  lanes.set_places(4);
  for (int i = 0; i < 40; ++i) lanes.add(send_to("A", numbered(i)), at(0s));
  lanes.start("000000", at(0s));
  CHECK_FALSE(lanes.next(at(0s))); // it was not heard
  CHECK(lanes.rest("000000", true));
  CHECK_FALSE(lanes.rest("000000", true));
  CHECK(start_all(lanes, at(1s)) == std::vector<transfer_id>{"000001"});
  lanes.show_life("000001");
  CHECK(start_all(lanes, at(1s)).size() == 2);
  CHECK(lanes.rest("000000", false));
  CHECK(lanes.resting() == 0);
  lanes.end("000001", how::well, at(2s));
  CHECK_FALSE(lanes.next(at(2s))); // three are under way
  lanes.end("000000", how::well, at(2s));
  CHECK(lanes.next(at(2s)));
}

TEST_CASE("a lane is there as long as one of it rests") {
  receiver_lanes lanes;
  lanes.set_places(4);
  for (int i = 0; i < 2; ++i) lanes.add(send_to("A", numbered(i)), at(0s));
  lanes.start("000000", at(0s));
  lanes.rest("000000", true);
  lanes.start("000001", at(0s));
  lanes.end("000001", how::well, at(1s));
  CHECK(lanes.rest("000000", false));
  lanes.end("000000", how::well, at(2s));
  CHECK(lanes.resting() == 0);
}

TEST_CASE("no more rest than three times the places, and an end frees that") {
  receiver_lanes lanes;
  lanes.set_places(2);
  for (int i = 0; i < 40; ++i) lanes.add(send_to("A", numbered(i)), at(0s));
  int rested = 0;
  for (auto next = lanes.next(at(0s)); next; next = lanes.next(at(0s))) {
    lanes.start(*next, at(0s));
    lanes.show_life(*next);
    rested += lanes.rest(*next, true);
  }
  CHECK(rested == 6);
  lanes.end("000000", how::otherwise, at(1s));
  CHECK(lanes.resting() == 5);
}

TEST_CASE("a lane that was not heard has one under way, then three quarters of all places") {
  receiver_lanes lanes;
  lanes.set_places(16);
  for (int i = 0; i < 40; ++i) lanes.add(send_to("HOST2", numbered(i)), at(0s));
  CHECK(start_all(lanes, at(0s)) == std::vector<transfer_id>{numbered(0)});
  CHECK(lanes.show_life(numbered(0)));
  CHECK_FALSE(lanes.show_life(numbered(0)));
  CHECK(start_all(lanes, at(0s)).size() == 11);
  lanes.add(send_to("HOST3", numbered(99)), at(0s));
  CHECK(lanes.next(at(0s)) == numbered(99)); // who has fewer under way comes first
}

TEST_CASE("who is the most urgent is known where there is no room for him") {
  receiver_lanes lanes;
  lanes.set_places(1);
  lanes.add(send_to("HOST2", "1"), at(0s));
  CHECK(start_all(lanes, at(0s)).size() == 1);
  CHECK_FALSE(lanes.best_waiting());
  auto urgent = send_to("HOST2", "2");
  urgent.priority = 5;
  lanes.add(urgent, at(0s));
  CHECK_FALSE(lanes.next(at(0s)));
  CHECK(lanes.best_waiting() == "2");
  lanes.end("1", how::on_the_way, at(1s));
  CHECK_FALSE(lanes.best_waiting()); // in doubt: nobody makes way for a probe
}

TEST_CASE("lanes that were not heard take half of the places at most") {
  receiver_lanes lanes;
  lanes.set_places(8);
  lanes.add(send_to("GOOD", numbered(0)), at(0s));
  lanes.add(send_to("GOOD", numbered(1)), at(0s));
  lanes.start(numbered(0), at(0s));
  lanes.show_life(numbered(0));
  for (int i = 10; i < 30; ++i) lanes.add(send_to("SILENT" + numbered(i), numbered(i)), at(0s));
  auto started = start_all(lanes, at(0s));
  CHECK(started.size() == 5); // four of them, and the one to the lane that was heard
  CHECK(std::count(started.begin(), started.end(), numbered(1)) == 1);
}

TEST_CASE("a lane in doubt has one probe, which counts for all that wait") {
  receiver_lanes lanes;
  lanes.set_places(16);
  for (int i = 0; i < 300; ++i) lanes.add(send_to("SILENT", numbered(i), 2), at(0s));
  REQUIRE(lanes.next(at(0s)) == numbered(0));
  CHECK(lanes.start(numbered(0), at(0s)) == 0);
  CHECK(lanes.end(numbered(0), how::on_the_way, at(3s), tried_again(send_to("SILENT", numbered(0), 2)))
            .empty());
  CHECK_FALSE(lanes.next(at(3s)));
  REQUIRE(lanes.next_probe() == at(8s));
  REQUIRE(lanes.next(at(8s)) == numbered(1)); // never tried itself
  CHECK(lanes.start(numbered(1), at(8s)) == 1);
  CHECK_FALSE(lanes.next(at(8s)));
  CHECK(lanes.end(numbered(1), how::on_the_way, at(11s), tried_again(send_to("SILENT", numbered(1), 1)))
            .empty());
  REQUIRE(lanes.next(at(16s)) == numbered(2));
  CHECK(lanes.start(numbered(2), at(16s)) == 2);
  // The third failure ends all of them.
  auto over = lanes.end(numbered(2), how::on_the_way, at(19s));
  CHECK(over.size() == 299);
  CHECK_FALSE(lanes.next(at(1h)));
  CHECK_FALSE(lanes.next_probe());
}

TEST_CASE("who came while the probe was under way has not seen it fail") {
  receiver_lanes lanes;
  lanes.set_places(16);
  lanes.add(send_to("SILENT", "1", 0), at(0s));
  lanes.start("1", at(0s));
  lanes.add(send_to("SILENT", "2", 0), at(1s));
  CHECK(lanes.end("1", how::on_the_way, at(3s)).empty());
  CHECK_FALSE(lanes.next(at(3s)));
  REQUIRE(lanes.next_probe() == at(4s)); // it need not wait for a pause, only for a moment
  CHECK(lanes.next(at(4s)) == "2");
}

TEST_CASE("a probe counts for nobody before his own pause is over") {
  receiver_lanes lanes;
  lanes.set_places(16);
  lanes.add(send_to("SILENT", "1", 1, 60s), at(0s));
  lanes.start("1", at(0s));
  lanes.end("1", how::on_the_way, at(0s), tried_again(send_to("SILENT", "1", 1, 60s)));
  lanes.add(send_to("SILENT", "2", 1000, 5s), at(0s));
  int probes = 0;
  std::vector<transfer_id> over;
  for (auto now = at(0s); now < at(120s) && over.empty(); now += 1s)
    while (auto next = lanes.next(now)) {
      lanes.start(*next, now);
      ++probes;
      CHECK((*next == "2" || now >= at(60s)));
      if (*next == "1") {
        over = {"1"};
        lanes.end("1", how::on_the_way, now);
        break;
      }
      over = lanes.end("2", how::on_the_way, now, tried_again(send_to("SILENT", "2", 1000, 5s)));
      if (!over.empty()) CHECK(now >= at(60s));
    }
  CHECK(over == std::vector<transfer_id>{"1"});
  CHECK(probes >= 11);
}

TEST_CASE("what waits goes on at once when the lane is heard or woken, not all at the same time") {
  receiver_lanes lanes;
  lanes.set_places(16);
  for (int i = 0; i < 100; ++i) lanes.add(send_to("HOST2", numbered(i), 1000, 60s), at(0s));
  lanes.start(numbered(0), at(0s));
  lanes.end(numbered(0), how::on_the_way, at(3s), tried_again(send_to("HOST2", numbered(0), 1000, 60s)));
  CHECK_FALSE(lanes.next(at(10s)));
  lanes.wake("HOST2", at(10s));
  auto probe = lanes.next(at(10s));
  REQUIRE(probe == numbered(1));
  lanes.start(*probe, at(10s));
  CHECK_FALSE(lanes.next(at(10s)));
  CHECK(lanes.show_life(*probe));
  CHECK(start_all(lanes, at(10s)).size() == 11);
}

TEST_CASE("waking is paced") {
  receiver_lanes lanes;
  lanes.set_places(1);
  lanes.add(send_to("HOST2", "1", 1000, 60s), at(0s));
  lanes.start("1", at(0s));
  lanes.end("1", how::on_the_way, at(3s), tried_again(send_to("HOST2", "1", 1000, 60s)));
  lanes.wake_all(at(3s));
  CHECK_FALSE(lanes.next(at(3s)));
  CHECK(lanes.next_probe() == at(4s));
  CHECK(lanes.next(at(4s)) == "1");
}

// Random traffic: receivers that answer, and that do not, with every limit of the lanes checked at each step.
TEST_CASE("no lane's trouble is another's, whatever comes") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    auto below = [&](int most) { return int(random() % unsigned(most)); };
    receiver_lanes lanes;
    const std::size_t places = 1 + random() % 16;
    lanes.set_places(places);
    struct one {
      waiting_send send;
      int failures = 0;
      bool alive = false;
    };
    std::map<transfer_id, one> waiting, running;
    auto is_dead = [](const std::string& lane) { return lane[0] == 'D'; };
    int made = 0;
    std::size_t well = 0;
    for (int step = 0; step < 400; ++step) {
      const auto now = at(step * 500ms);
      for (int i = below(4); i > 0 && step < 200; --i) {
        auto send =
            send_to((below(3) ? "D" : "L") + std::to_string(below(4)), numbered(made++), below(5), 2s);
        send.file = "F" + std::to_string(below(12)) + send.lane;
        lanes.add(send, now);
        waiting[send.transfer] = {send};
      }
      if (!waiting.empty() && below(20) == 0) {
        lanes.remove(waiting.begin()->first);
        waiting.erase(waiting.begin());
      }
      while (running.size() < places) {
        auto next = lanes.next(now);
        if (!next) break;
        REQUIRE(waiting.count(*next));
        auto counted = lanes.start(*next, now);
        auto& it = running[*next] = waiting[*next];
        it.failures += counted;
        REQUIRE(it.failures <= it.send.outlasts);
        waiting.erase(*next);
      }
      std::map<std::string, std::size_t> by_lane, by_file;
      for (const auto& [id, of] : running) {
        ++by_lane[of.send.lane];
        REQUIRE(++by_file[of.send.file] == 1);
      }
      for (const auto& [lane, count] : by_lane) REQUIRE(count <= (is_dead(lane) ? 1 : places - places / 4));
      for (auto it = running.begin(); it != running.end();) {
        auto [id, of] = *it;
        if (!is_dead(of.send.lane)) {
          if (!of.alive) {
            lanes.show_life(id);
            it->second.alive = true;
            ++it;
            continue;
          }
          CHECK(lanes.end(id, how::well, now).empty());
          ++well;
        } else if (below(6) == 0) {
          std::optional<waiting_send> again;
          if (of.failures + 1 <= of.send.outlasts) {
            again = of.send;
            again->tried = true;
            again->outlasts = of.send.outlasts - of.failures - 1;
          }
          for (const auto& ended : lanes.end(id, how::on_the_way, now, again))
            REQUIRE(waiting.erase(ended) == 1);
          if (again) waiting[id] = {*again};
        } else {
          ++it;
          continue;
        }
        it = running.erase(it);
      }
    }
    for (const auto& [id, of] : waiting) {
      CHECK(is_dead(of.send.lane));
      CHECK(lanes.is_waiting(id));
    }
    CHECK(well > 20);
  }
}

TEST_CASE("a word on a transfer wakes its lane, whether it waits, runs or has ended") {
  receiver_lanes lanes;
  lanes.set_places(4);
  auto first = send_to("HOST2", numbered(1), 0), second = send_to("HOST2", numbered(2));
  lanes.add(first, at(0s));
  lanes.add(second, at(0s));
  CHECK(start_all(lanes, at(0s)) == std::vector{numbered(1)});
  lanes.end(numbered(1), how::on_the_way, at(0s)); // and for good
  CHECK((*lanes.next_probe() == at(5s)));
  lanes.wake_for(numbered(7), at(2s));
  CHECK((*lanes.next_probe() == at(5s)));
  lanes.wake_for(numbered(1), at(2s));
  CHECK(start_all(lanes, at(2s)) == std::vector{numbered(2)});
  lanes.end(numbered(2), how::on_the_way, at(2s), tried_again(second));
  CHECK((*lanes.next_probe() == at(7s)));
  lanes.wake_for(numbered(2), at(4s)); // it waits
  CHECK(start_all(lanes, at(4s)) == std::vector{numbered(2)});
  lanes.wake_for(numbered(2), at(5s)); // it runs: the word came before its failure
  lanes.end(numbered(2), how::on_the_way, at(5s), tried_again(second));
  CHECK((*lanes.next_probe() == at(6s)));
  CHECK(start_all(lanes, at(6s)) == std::vector{numbered(2)});
  lanes.add(send_to("HOST2", numbered(3)), at(6s));
  lanes.end(numbered(2), how::on_the_way, at(6s));
  CHECK(start_all(lanes, at(7s)) == std::vector{numbered(3)});
  auto third = tried_again(send_to("HOST2", numbered(3)));
  lanes.end(numbered(3), how::on_the_way, at(7s), third);
  CHECK((*lanes.next_probe() == at(12s)));
  lanes.remove(numbered(3));
  lanes.add(third, at(8s));
  lanes.wake_for(numbered(3), at(8s));
  CHECK(lanes.next(at(8s)) == numbered(3));
}
