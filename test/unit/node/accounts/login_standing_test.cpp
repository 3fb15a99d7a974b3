#include "node/accounts/guess_lane.hpp"
#include "node/accounts/login_standing.hpp"
#include "support/catch.hpp"

#include <future>
#include <vector>

using namespace hublink;
using namespace std::chrono_literals;

namespace {

const login_standing::time first_moment{};

void guess(login_standing& in, const std::string& manager, int times, login_standing::time now) {
  for (int i = 0; i < times; ++i) in.note_wrong(manager, now);
}

} // namespace

TEST_CASE("a few wrong passwords are everybody's, more are a guesser's") {
  login_standing known;
  CHECK(known.is_good("MGR", first_moment));
  guess(known, "MGR", login_standing::allowed, first_moment);
  CHECK(known.is_good("MGR", first_moment));
  guess(known, "MGR", 1, first_moment);
  CHECK_FALSE(known.is_good("MGR", first_moment));
  CHECK(known.is_good("OTHER", first_moment));
}

TEST_CASE("wrong passwords are forgiven one by one, and all some time after the last") {
  login_standing known;
  guess(known, "MGR", login_standing::allowed + 1, first_moment);
  CHECK_FALSE(known.is_good("MGR", first_moment + login_standing::each - 1ms));
  CHECK(known.is_good("MGR", first_moment + login_standing::each));
  guess(known, "MGR", 100'000, first_moment + 1h);
  auto last = first_moment + 1h;
  CHECK_FALSE(known.is_good("MGR", last + 6min));
  CHECK(
      known.is_good("MGR", last + login_standing::longest - login_standing::allowed * login_standing::each));
  guess(known, "MGR", 1, last + login_standing::longest); // as the first one
  CHECK(known.is_good("MGR", last + login_standing::longest));
}

TEST_CASE("guesses slower than they are forgiven stay a typist's") {
  login_standing known;
  for (auto now = first_moment; now < first_moment + 8h; now += login_standing::each) {
    known.note_wrong("MGR", now);
    REQUIRE(known.is_good("MGR", now));
  }
}

TEST_CASE("managers take turns, however many checks one of them has waiting") {
  guess_lane lane{0ms};
  std::promise<void> gate, over;
  std::vector<std::string> order;
  lane.add("GATE", [&] { gate.get_future().wait(); });
  for (int i = 0; i < 100; ++i) lane.add("A", [&] { order.push_back("A"); });
  for (int i = 0; i < 3; ++i) lane.add("B", [&] { order.push_back("B"); });
  lane.add("C", [&] { order.push_back("C"); });
  for (int i = 0; i < 3; ++i)
    lane.add("D", [&, i] {
      order.push_back("D");
      if (i == 2) over.set_value();
    });
  gate.set_value();
  over.get_future().wait();
  lane.stop();
  CHECK(std::vector(order.begin(), order.begin() + 10) ==
        std::vector<std::string>{"A", "B", "C", "D", "A", "B", "D", "A", "B", "D"});
}

TEST_CASE("between guesses there is a pause, whoever makes them") {
  guess_lane lane{20ms};
  std::promise<void> over;
  auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i)
    lane.add("EVIL" + std::to_string(i), [&, i] {
      if (i == 4) over.set_value();
    });
  over.get_future().wait();
  CHECK(std::chrono::steady_clock::now() - began >= 80ms);
  lane.stop();
}
