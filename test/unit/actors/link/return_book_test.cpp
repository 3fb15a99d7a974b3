#include "actors/link/return_book.hpp"
#include "support/catch.hpp"

#include <random>
#include <set>

using namespace hublink;
using enum return_book::obstacle;

namespace {

std::string id(std::size_t number) {
  auto digits = std::to_string(number);
  return std::string(32 - digits.size(), '0') + digits;
}

std::vector<transfer_id> transfers_of(const std::vector<return_book::asker>& all) {
  std::vector<transfer_id> found;
  for (const auto& each : all) found.push_back(each.transfer);
  return found;
}

} // namespace

TEST_CASE("who asked in vain is told once, when that hop's connection comes up") {
  return_book book;
  book.add("HOST2", {.name = "HOST1", .transfer = id(2)}, hop);
  book.add("HOST2", {.name = "ServerB", .transfer = id(1)}, hop);
  book.add("HOST3", {.name = "HOST1", .transfer = id(3)}, hop);
  auto told = book.take("HOST2", false);
  REQUIRE(told.size() == 2);
  CHECK(told[0].transfer == id(2)); // it asked first
  CHECK(told[0].name == "HOST1");
  CHECK(told[1].name == "ServerB");
  CHECK(book.take("HOST2", true).empty());
  CHECK(book.size() == 1);
}

TEST_CASE("what a hop said of those behind it ends by its word, or with its process") {
  return_book book;
  book.add("ServerB", {.name = "HOST1", .transfer = id(1)}, beyond);
  book.add("ServerB", {.name = "HOST1", .transfer = id(2)}, beyond);
  book.add("ServerB", {.name = "HOST1", .transfer = id(3)}, hop);
  CHECK(transfers_of(book.take("ServerB", false)) == std::vector{id(3)});
  CHECK_FALSE(book.take("ServerC", id(1)));
  CHECK_FALSE(book.take("ServerB", id(3)));
  CHECK(book.take("ServerB", id(1))->name == "HOST1");
  CHECK_FALSE(book.take("ServerB", id(1)));
  CHECK(transfers_of(book.take("ServerB", true)) == std::vector{id(2)});
  CHECK(book.size() == 0);
}

TEST_CASE("who asks for very much loses what it asked for first, and nobody else anything") {
  return_book book;
  book.add("HOST2", {.name = "HOST1", .transfer = id(1'000'000)}, hop);
  for (std::size_t i = 0; i < return_book::most_of_one + 10; ++i)
    book.add("HOST2", {.name = "EVIL", .transfer = id(i)}, hop);
  CHECK(book.size() == return_book::most_of_one + 1);
  auto told = book.take("HOST2", false);
  CHECK(told.front().name == "HOST1");
  CHECK(told[1].transfer == id(10));
  for (std::size_t asker = 0; asker < 12; ++asker)
    for (std::size_t i = 0; i < return_book::most_of_one; ++i)
      book.add("HOST2", {.name = "N" + std::to_string(asker), .transfer = id(asker * 10'000 + i)}, hop);
  CHECK(book.size() == return_book::most);
}

TEST_CASE("books of any history are as long as they say, and come to nothing") {
  std::mt19937 random{7};
  return_book book;
  std::map<std::string, std::set<transfer_id>> known;
  const auto hop_of = [](unsigned number) { return "H" + std::to_string(number % 5); };
  for (int step = 0; step < 20'000; ++step) {
    const auto where = hop_of(random());
    const auto what = id(random() % 300);
    switch (random() % 4) {
    case 0:
    case 1:
      book.add(where, {.name = "A" + std::to_string(random() % 3), .transfer = what},
               random() % 2 ? hop : beyond);
      known[where].insert(what);
      break;
    case 2:
      CHECK(bool(book.take(where, what)) == (known[where].erase(what) > 0));
      break;
    default:
      if (random() % 20) break;
      CHECK(book.take(where, true).size() == known[where].size());
      known[where].clear();
    }
  }
  for (unsigned i = 0; i < 5; ++i) book.take(hop_of(i), true);
  CHECK(book.size() == 0);
}
