#include "support/catch.hpp"
#include "transfer_fixture.hpp"

#include "protocol/circuit/record_frame.hpp"

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;

namespace {

/// A transfer of many chunks; when so many have passed, the clock of one end leaves the certificates behind.
struct aging_transfer : transfer_fixture {
  explicit aging_transfer(int chunks) {
    driver.source.content = some_content(400);
    change_records([this, chunks](const passing_record& record) {
      bool is_chunk = record.whole.size() > 4 && record.whole[4] == std::byte(record_type::chunk);
      if (is_chunk && ++passed == chunks) time = noon + std::chrono::hours{48};
      return std::vector<bytes>{record.whole};
    });
  }
  void ages(std::function<trust::clock_time()>& clock) {
    clock = [this] { return time; };
  }

  int passed = 0;
  trust::clock_time time = noon;
};

} // namespace

TEST_CASE("a receiver takes nothing more from a sender whose certificate has ended") {
  auto chunks = GENERATE(2, 10, 26); // the metadata is chunk 0: the last one is the 26th
  aging_transfer t{chunks};
  t.ages(t.receiving.now);
  t.run();
  CAPTURE(t.driver.received.text(), t.driver.sent.text());
  CHECK_FALSE(t.published());
  CHECK(t.driver.received.result->error().code == errc::cut);
  CHECK_THAT(t.driver.received.text(), Contains("not trusted any more") && Contains("expired at"));
  CHECK_FALSE(t.driver.sent.done());
}

TEST_CASE("a sender sends nothing more to a receiver whose certificate has ended") {
  aging_transfer t{10};
  t.ages(t.sending.now);
  t.run();
  CHECK_FALSE(t.published());
  CHECK(t.driver.sent.result->error().code == errc::cut);
  CHECK_THAT(t.driver.sent.text(), Contains("not trusted any more") && Contains("expired at"));
  CHECK(t.passed < 26);
}
