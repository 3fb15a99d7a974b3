/// What a hub can do to the sealed bytes that it carries: each is seen by the receiver, and nothing is
/// published.
#include "hostile_hub.hpp"
#include "support/catch.hpp"

#include "protocol/transfer/digest.hpp"

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;

TEST_CASE("an altered byte of content is seen, and its sender told") {
  auto at = GENERATE(metadata, chunk1, chunk2, chunk3);
  for (std::ptrdiff_t from_end : {-1, -16, -17, -24}) {
    transfer_fixture t;
    t.change_records([=](const passing_record& record) -> std::vector<bytes> {
      return {record.number == at ? with_flipped_bit(record.whole, from_end) : record.whole};
    });
    t.run();
    t.check_refused(errc::tampered);
    CHECK(t.driver.sent.code() == errc::tampered);
    CHECK(t.driver.sent.result->error().hop == "HOST2");
  }
}

TEST_CASE("an altered byte anywhere publishes nothing") {
  for (std::size_t at = 0; at < number::records; ++at) {
    auto size = static_cast<std::ptrdiff_t>(recording()[at].size());
    for (std::ptrdiff_t byte = 0; byte < size; byte += byte < 8 || size < 60 ? 1 : 13) {
      transfer_fixture t;
      t.change_records([=](const passing_record& record) -> std::vector<bytes> {
        bool aimed = record.number == at && byte < static_cast<std::ptrdiff_t>(record.whole.size());
        return {aimed ? with_flipped_bit(record.whole, byte) : record.whole};
      });
      t.run();
      INFO("record " << at << ", byte " << byte << ", receiver: " << t.driver.received.text());
      if (byte < static_cast<std::ptrdiff_t>(t.driver.recorded[at == 0 ? 0 : at + 1].whole.size())) {
        CHECK_FALSE(t.published());
        CHECK_FALSE(t.driver.received.done());
        CHECK_FALSE(t.driver.sent.done());
      }
    }
  }
}

TEST_CASE("chunks that come reordered, twice or not at all are seen") {
  auto first = GENERATE(metadata, chunk1, chunk2, chunk3);
  transfer_fixture t;
  bytes held;
  SECTION("dropped") {
    t.change_records([=](const passing_record& record) -> std::vector<bytes> {
      if (record.number == first) return {};
      return {record.whole};
    });
    t.run();
    t.check_refused(errc::tampered);
  }
  SECTION("repeated") {
    t.change_records([=](const passing_record& record) -> std::vector<bytes> {
      if (record.number == first) return {record.whole, record.whole};
      return {record.whole};
    });
    t.run();
    t.check_refused(errc::tampered);
  }
  SECTION("after its successor") {
    t.change_records([=, &held](const passing_record& record) -> std::vector<bytes> {
      if (record.number == first) {
        held = record.whole;
        return {};
      }
      if (record.number == first + 1) return {record.whole, held};
      return {record.whole};
    });
    t.run();
    t.check_refused(errc::tampered);
  }
}

TEST_CASE("a stream that was cut short is no file, however its end looks") {
  auto last = GENERATE(offer, header, envelopes, metadata, chunk1, chunk2, chunk3);
  transfer_fixture t;
  SECTION("by an end of stream") {
    t.driver.cut_after = last + 1;
    t.run();
    t.check_refused(errc::cut);
  }
  SECTION("in the middle of a record") {
    t.change_records([=](const passing_record& record) -> std::vector<bytes> {
      if (record.number > last) return {};
      auto whole = record.whole;
      if (record.number == last) whole.resize(whole.size() / 2);
      return {whole};
    });
    t.run();
    t.check_refused(errc::cut);
  }
  SECTION("with the end record right behind") {
    if (last < metadata || last == chunk3) return;
    t.change_records([=](const passing_record& record) -> std::vector<bytes> {
      if (record.number > last && record.number < end) return {};
      return {record.whole};
    });
    t.run();
    t.check_refused(errc::tampered);
  }
}

TEST_CASE("a chunk shortened with its length is seen") {
  transfer_fixture t;
  t.change_records([](const passing_record& record) -> std::vector<bytes> {
    if (record.number != chunk2) return {record.whole};
    return {make_record(record_type::chunk, body_of(record.whole).subspan(1))};
  });
  t.run();
  t.check_refused(errc::tampered);
}

TEST_CASE("chunks of another transfer or attempt do not mix in") {
  auto other = GENERATE(0, 1, 2);
  auto foreign = other == 0   ? recording()
                 : other == 1 ? recording(2)
                              : recording(1, "0190a1b2c3d4e5f60718293a4b5c6d7f");
  for (auto at : {envelopes, metadata, chunk1, chunk3, end}) {
    transfer_fixture t;
    t.change_records([&](const passing_record& record) -> std::vector<bytes> {
      return {record.number == at ? foreign[at] : record.whole};
    });
    t.run();
    t.check_refused(errc::tampered);
  }
}

TEST_CASE("an envelope that somebody else made for the receiver is not taken") {
  transfer_fixture t;
  t.change_records([&](const passing_record& record) -> std::vector<bytes> {
    if (record.number != envelopes) return {record.whole};
    header_record header;
    header.transfer = some_transfer;
    auto info = envelope_info(t.receiving.ca->network(), header, "HOST1", "HOST2");
    auto own = *t.receiving.ca->seal(content_key{}, t.receiving.self->certificate(), info);
    return {make_record(record_type::envelopes, encode(envelopes_record{{{"HOST2", own}}}))};
  });
  t.run();
  t.check_refused(errc::tampered);
  CHECK_THAT(t.driver.received.text(), Contains("not those that the header names"));
  CHECK(t.driver.target.wanted.transfer.empty());
}

TEST_CASE("a file that is not what its sender signed at the end is not published") {
  transfer_fixture t;
  end_record said{40, ""};
  SECTION("digest") { said.digest = "xxh128:99aa06d3014798d86001c324468d497f"; }
  SECTION("size") {
    said.size = 41;
    file_digest running{digest_kind::xxh128};
    running.add(t.driver.source.content);
    said.digest = running.text();
  }
  SECTION("kind of digest") { said.digest = "sha256:" + std::string(64, '0'); }
  bool other_kind = said.digest.starts_with("sha256");
  t.change_records([&](const passing_record& record) -> std::vector<bytes> {
    if (record.number != end) return {record.whole};
    auto signed_end =
        make_statement(record_type::end, hash_of_header(t), encode(said), *t.sending.self, false);
    return {make_record(record_type::end, encode(signed_end))};
  });
  t.run();
  t.check_refused(other_kind ? errc::bad_message : errc::tampered);
  if (!other_kind) CHECK_THAT(t.driver.received.text(), Contains("signed xxh128:"));
}
