#include "protocol/base/waker_list.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <thread>

using namespace hublink;

namespace {

struct listener {
  waker woken_by;
};

} // namespace

TEST_CASE("who is told may end by it, and takes himself and others off the list") {
  waker_list list;
  auto one = std::make_shared<listener>(), other = std::make_shared<listener>();
  int told = 0;
  waker late;
  one->woken_by = list.add([weak = std::weak_ptr{one}, &one, &told] {
    auto self = weak.lock();
    one.reset(); // everybody else has let go in the meantime
    told += self != nullptr;
  });
  other->woken_by = list.add([&] {
    ++told;
    late = list.add([&] { told += 100; }); // heard from the next time on
  });
  list.wake_all();
  CHECK(told == 2);
  CHECK_FALSE(one);
  other.reset();
  told = 0;
  list.wake_all();
  CHECK(told == 100);
}

TEST_CASE("who stays is woken each time, and who was taken once") {
  waker_list list;
  int told = 0;
  auto waits = list.add([&] { ++told; });
  list.wake_all();
  list.wake_all();
  CHECK(told == 2);
  auto woken = list.take_all();
  list.wake_all(); // on the list no more
  CHECK(told == 2);
  auto next = list.add([&] { told += 10; }); // after those were taken
  woken.call();
  CHECK(told == 3);
  list.take_all().call();
  CHECK(told == 13);
}

TEST_CASE("a dropped waker is called no more, and the one that several lists have by each") {
  waker_list list, another;
  int told = 0;
  auto both = make_waker([&] { ++told; });
  list.add(both);
  another.add(both);
  list.wake_all();
  another.wake_all();
  CHECK(told == 2);
  both.reset();
  list.wake_all();
  another.take_all().call();
  CHECK(told == 2);
}

TEST_CASE("those who wait come and go while they are woken") {
  waker_list list;
  std::atomic<bool> over{false};
  std::atomic<int> told{0};
  std::thread wakes([&] {
    while (!over) list.wake_all();
  });
  for (int i = 0; i < 2000; ++i) auto waits = list.add([&] { ++told; });
  auto stays = list.add([&] { ++told; });
  while (told == 0) std::this_thread::yield();
  over = true;
  wakes.join();
  CHECK(told > 0);
}
