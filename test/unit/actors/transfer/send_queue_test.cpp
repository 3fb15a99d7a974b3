#include "actors/transfer/send_queue.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

std::string first_of(const send_queue& queue) { return queue.first() ? *queue.first() : "none"; }

} // namespace

TEST_CASE("the highest priority goes first, then the oldest") {
  send_queue queue;
  CHECK(first_of(queue) == "none");
  queue.add("B", 0, "2");
  queue.add("A", 0, "3");
  queue.add("LOW", -5, "1");
  queue.add("HIGH", 7, "4");
  CHECK(queue.take() == "4");
  CHECK(queue.take() == "2");
  CHECK(queue.take() == "3");
  CHECK(queue.take() == "1");
  CHECK(first_of(queue) == "none");
}

TEST_CASE("of one file ID one is taken at a time, and others go past") {
  send_queue queue;
  queue.add("A", 0, "1");
  queue.add("A", 0, "2");
  queue.add("B", -1, "3");
  CHECK(queue.take() == "1");
  CHECK(first_of(queue) == "3");
  queue.add("A", 0, "0"); // again, while one of its file is under way
  CHECK(queue.take() == "3");
  CHECK(first_of(queue) == "none");
  queue.release("A");
  CHECK(queue.take() == "0");
  queue.release("A");
  CHECK(queue.take() == "2");
  queue.release("A");
  queue.release("B");
  CHECK(first_of(queue) == "none");
}

TEST_CASE("who leaves the queue does not come up") {
  send_queue queue;
  queue.add("A", 0, "1");
  queue.add("A", 0, "1");
  queue.add("A", 0, "2");
  queue.remove("A", "1");
  queue.remove("A", "1");
  queue.remove("NONE", "9");
  queue.release("NONE");
  CHECK(queue.take() == "2");
  queue.release("A");
  CHECK(first_of(queue) == "none");
}
