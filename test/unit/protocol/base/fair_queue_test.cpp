#include "protocol/base/fair_queue.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

std::string drained(fair_queue<char>& queue) {
  std::string order;
  while (auto next = queue.take()) order += *next;
  return order;
}

} // namespace

TEST_CASE("nobody goes twice before the others that wait have gone") {
  fair_queue<char> queue;
  for (char each : {'a', 'b', 'c', 'd', 'e'}) queue.put("greedy", each);
  queue.put("x", '1');
  queue.put("y", '2');
  queue.put("x", '3');
  CHECK(queue.size() == 8);
  CHECK(queue.of("greedy") == 5);
  CHECK(drained(queue) == "a12b3cde");
  CHECK(queue.size() == 0);
}

TEST_CASE("who comes late is next behind those who wait") {
  fair_queue<char> queue;
  for (char each : {'a', 'b', 'c'}) queue.put("greedy", each);
  CHECK(queue.take() == 'a');
  queue.put("x", '1');
  CHECK(drained(queue) == "b1c");
}

TEST_CASE("what is taken out has no turn") {
  fair_queue<char> queue;
  auto a = queue.put("x", 'a');
  queue.put("y", 'b');
  auto c = queue.put("x", 'c');
  queue.erase("x", a);
  queue.erase("x", a);
  queue.erase("nobody", c);
  CHECK(queue.size() == 2);
  queue.erase("x", c);
  CHECK(drained(queue) == "b");
}

TEST_CASE("who may not go is passed over, and keeps his turn") {
  fair_queue<char> queue;
  for (char each : {'a', 'b'}) queue.put("x", each);
  queue.put("y", '1');
  auto not_x = [](const std::string& holder) { return holder != "x"; };
  CHECK(queue.take_if(not_x) == '1');
  CHECK_FALSE(queue.take_if(not_x));
  CHECK(drained(queue) == "ab");
}
