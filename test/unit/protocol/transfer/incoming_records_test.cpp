#include "protocol/transfer/incoming_records.hpp"
#include "support/catch.hpp"

#include "transfer_fixture.hpp"

#include <algorithm>

using namespace hublink;
using namespace hublink::test;

namespace {

struct records_fixture : transfer_fixture {
  receiving_transcript transcript{receiving};
  incoming_records records{transcript};

  records_fixture() { run(); }

  /// Of the transfer that has run: the body of its offer.
  bytes offer() const {
    auto whole = byte_view{driver.recorded.front().whole};
    REQUIRE(driver.recorded.front().type == record_type::offer);
    return {whole.begin() + record_head, whole.end()};
  }
  errc refused(record_type type, std::uint32_t size = 8) {
    auto placed = records.place(type, size);
    REQUIRE_FALSE(placed);
    return placed.error().code;
  }
};

} // namespace

TEST_CASE("nothing but an offer may come first") {
  records_fixture t;
  for (auto type : {record_type::header, record_type::envelopes, record_type::chunk, record_type::end,
                    record_type::abort, record_type::segment, record_type::progress, record_type::ready})
    CHECK(t.refused(type) == errc::bad_message);
  CHECK(t.records.place(record_type::offer, 8)->size() == 8);
}

TEST_CASE("behind an offer come a header, signs of life or an end of it all") {
  records_fixture t;
  auto news = t.records.take(record_type::offer, t.offer());
  REQUIRE(news);
  CHECK(std::holds_alternative<incoming::offer>(*news));
  CHECK(t.transcript.offer().transfer == some_transfer);
  CHECK(t.refused(record_type::offer) == errc::bad_message);
  CHECK(t.refused(record_type::chunk) == errc::bad_message);
  CHECK(t.refused(record_type::segment) == errc::bad_message); // no broadcast
  for (auto type : {record_type::header, record_type::progress, record_type::abort})
    CHECK(t.records.place(type, 8));
  CHECK_FALSE(t.records.expects_content());
}

TEST_CASE("a header that answers another READY is not believed") {
  records_fixture t;
  REQUIRE(t.records.take(record_type::offer, t.offer()));
  auto& all = t.driver.recorded;
  auto found =
      std::find_if(all.begin(), all.end(), [](const auto& each) { return each.type == record_type::header; });
  REQUIRE(found != all.end());
  auto body = byte_view{found->whole}.subspan(record_head);
  CHECK(t.records.take(record_type::header, body).error().code == errc::tampered);
}
