#include "protocol/broadcast/wake_list.hpp"
#include "support/catch.hpp"

#include <memory>

using namespace hublink;

namespace {

struct listener {
  explicit listener(wake_list& list) : of(list) {}
  ~listener() { of.remove(id); }

  wake_list& of;
  std::uint64_t id = 0;
};

} // namespace

TEST_CASE("who is told may end by it, and takes himself and others off the list") {
  wake_list list;
  auto one = std::make_shared<listener>(list), other = std::make_shared<listener>(list);
  int told = 0;
  one->id = list.add([weak = std::weak_ptr{one}, &one, &told] {
    auto self = weak.lock();
    one.reset(); // everybody else has let go in the meantime
    told += self != nullptr;
  });
  other->id = list.add([&] {
    ++told;
    list.add([&] { told += 100; }); // heard from the next time on
  });
  list.wake_all();
  CHECK(told == 2);
  CHECK_FALSE(one);
  other.reset();
  told = 0;
  list.wake_all();
  CHECK(told == 100);
}
