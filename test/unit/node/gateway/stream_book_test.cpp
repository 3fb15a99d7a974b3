#include "node/gateway/stream_book.hpp"
#include "support/catch.hpp"

using namespace hublink;

namespace {

stream_book::record begin_one(stream_book& book, bool udp) {
  stream_report what;
  what.udp = udp;
  return book.begin(std::move(what));
}

} // namespace

TEST_CASE("who waits for the end of connections is told of the last one, and not of datagrams") {
  stream_book book{std::chrono::seconds{60}};
  int told = 0;
  auto one = begin_one(book, false), other = begin_one(book, false), flow = begin_one(book, true);
  book.end(one, "done");
  book.when_idle([&] { ++told; });
  book.end(flow, "done");
  CHECK(told == 0);
  book.end(other, "done");
  book.end(other, "done"); // has ended already
  CHECK(told == 1);
  book.when_idle([&] { ++told; });
  CHECK(told == 2);
  book.end(begin_one(book, false), "cut"); // one that was being opened
  CHECK(told == 3);
}
