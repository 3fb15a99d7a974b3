/// What a hub can do to the bytes that it carries: each is seen at the end it is aimed at, and nothing is
/// published.
#include "transfer_fixture.hpp"

#include "protocol/digest.hpp"
#include "protocol/receipt.hpp"

#include <catch2/catch.hpp>

using namespace hublink;
using namespace hublink::test;
using about = consult_owner::about;
using Catch::Matchers::Contains;

namespace {

/// To the receiver, in this order; the file has three chunks of content.
enum number : std::size_t { offer, header, envelopes, metadata, chunk1, chunk2, chunk3, end, count };

/// What the sender of a whole, good transfer said.
std::vector<bytes> recording(std::uint32_t attempt = 1, const char* transfer = some_transfer.c_str()) {
  transfer_fixture t;
  t.sending.offer.attempt = attempt;
  t.sending.offer.transfer = transfer;
  t.run();
  REQUIRE(t.driver.received.done());
  std::vector<bytes> records;
  for (auto& record : t.driver.recorded)
    if (record.to_receiver) records.push_back(record.whole);
  REQUIRE(records.size() == number::count);
  return records;
}

byte_view body_of(const bytes& record) { return byte_view{record}.subspan(record_head); }

/// Replaces what the receiver says.
void change_answers(transfer_fixture& t, std::function<std::vector<bytes>(const passing_record&)> change) {
  t.driver.on_the_way = [change = std::move(change)](const passing_record& record) {
    return record.to_receiver ? std::vector<bytes>{record.whole} : change(record);
  };
}

statement_hash hash_of_offer(const transfer_fixture& t) {
  return read_statement(record_type::offer, answers_nothing, body_of(t.driver.recorded.at(0).whole))->hash();
}

statement_hash hash_of_header(const transfer_fixture& t) {
  auto& records = t.driver.recorded; // offer, READY, header
  auto ready = read_statement(record_type::ready, hash_of_offer(t), body_of(records.at(1).whole));
  return read_statement(record_type::header, ready->hash(), body_of(records.at(2).whole))->hash();
}

} // namespace

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
  for (std::size_t at = 0; at < number::count; ++at) {
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
        CHECK_FALSE(t.driver.target.partial);
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
    auto own = *seal_envelope(bytes(32), t.receiving.self->certificate());
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

TEST_CASE("a whole transfer played again publishes nothing") {
  auto before = recording();
  transfer_fixture t;
  t.driver.on_the_way = [&](const passing_record& record) -> std::vector<bytes> {
    return record.to_receiver && record.number == 0 ? before : std::vector<bytes>{};
  };
  t.run();
  t.check_refused(errc::tampered);
  CHECK(t.driver.target.wanted.transfer.empty()); // not even a partial file was made
}

TEST_CASE("a transfer forged for the receiver's certificate is refused") {
  /// HOST1's certificate with somebody else's key.
  struct impostor : identity {
    std::shared_ptr<const identity> shown, real;
    const std::string& name() const override { return shown->name(); }
    hublink::role role() const override { return shown->role(); }
    byte_view certificate() const override { return shown->certificate(); }
    bytes sign(byte_view data) const override { return real->sign(data); }
    outcome<bytes> open_envelope(byte_view envelope) const override { return real->open_envelope(envelope); }
  };
  transfer_fixture t;
  SECTION("by another client of the network, under its own name") {
    t.sending.self = t.network.identity_of("HOST9");
    t.run();
    t.check_refused(errc::not_authorised);
  }
  SECTION("by another client that offers as HOST9") {
    t.sending.self = t.network.identity_of("HOST9");
    t.sending.offer.sender = "HOST9";
    t.run();
    t.check_refused(errc::not_authorised);
  }
  SECTION("by a server of the same name") {
    t.sending.self = t.network.identity_of("HOST1", role::server);
    t.run();
    t.check_refused(errc::not_authorised);
  }
  SECTION("with the sender's certificate") {
    auto forger = std::make_shared<impostor>();
    forger->shown = t.sending.self;
    forger->real = t.network.identity_of("HOST9");
    t.sending.self = forger;
    t.run();
    t.check_refused(errc::tampered);
  }
  CHECK(t.driver.receiver_owner.asked.empty());
}

TEST_CASE("an offer for another file, circuit, recipient or time is refused") {
  transfer_fixture t;
  SECTION("file") { t.sending.offer.file = "FILE02"; }
  SECTION("circuit") { t.sending.open_id = "fedcba9876543210"; }
  SECTION("recipient") { t.sending.offer.recipients = {"HOST3"}; }
  SECTION("sender") { t.sending.offer.sender = "HOST3"; }
  SECTION("time") { t.sending.offer.time_ms += 1000LL * 3600 * 25; }
  t.run();
  t.check_refused(errc::not_authorised);
  CHECK(t.driver.receiver_owner.asked.empty());
}

TEST_CASE("a sender whose certificate does not count is refused, and told why") {
  transfer_fixture t;
  auto past = validity{noon - std::chrono::hours{2}, noon - std::chrono::hours{1}};
  SECTION("expired") {
    t.sending.self = t.network.identity_of("HOST1", role::client, past);
    t.run();
    CHECK_THAT(t.driver.sent.text(), Contains("expired"));
  }
  SECTION("revoked") {
    auto keys = t.network.issue("HOST1");
    t.network.revoke(keys);
    t.sending.self = to_identity(keys);
    t.receiving.ca = t.network.trust();
    t.run();
    CHECK_THAT(t.driver.sent.text(), Contains("revoked"));
  }
  SECTION("of another CA") {
    t.sending.self = test_ca{}.identity_of("HOST1");
    t.run();
    CHECK_THAT(t.driver.sent.text(), Contains("not of this network's CA"));
  }
  t.check_refused(errc::not_authorised);
  CHECK(t.driver.sent.code() == errc::not_authorised);
}

TEST_CASE("a receiver whose certificate does not count gets nothing but the offer") {
  transfer_fixture t;
  SECTION("of another name") { t.receiving.self = t.network.identity_of("HOST3"); }
  SECTION("of another role") { t.receiving.self = t.network.identity_of("HOST2", role::server); }
  SECTION("of another CA") { t.receiving.self = test_ca{}.identity_of("HOST2"); }
  SECTION("revoked") {
    auto keys = t.network.issue("HOST2");
    t.network.revoke(keys);
    t.receiving.self = to_identity(keys);
    t.sending.ca = t.network.trust();
  }
  SECTION("expired") {
    t.receiving.self = t.network.identity_of("HOST2", role::client,
                                             {noon - std::chrono::hours{2}, noon - std::chrono::hours{1}});
  }
  t.run();
  CHECK(t.driver.sent.code() == errc::not_authorised);
  CHECK_FALSE(t.published());
  for (auto& record : t.driver.recorded)
    if (record.to_receiver) CHECK(record.type == record_type::offer);
}

TEST_CASE("READY of another node or exchange gets no envelope") {
  transfer_fixture t;
  auto host3 = t.network.identity_of("HOST3");
  bytes earlier;
  {
    transfer_fixture before;
    before.run();
    earlier = before.driver.recorded.at(1).whole;
  }
  errc expected = errc::failed;
  change_answers(t, [&](const passing_record& record) -> std::vector<bytes> {
    if (record.type != record_type::ready) return {record.whole};
    if (expected == errc::tampered) return {earlier};
    auto forged = make_statement(record_type::ready, hash_of_offer(t),
                                 encode(ready_record{"HOST2", {}, 0, {}}), *host3, true);
    return {make_record(record_type::ready, encode(forged))};
  });
  SECTION("another recipient's") { expected = errc::not_authorised; }
  SECTION("an earlier one") { expected = errc::tampered; }
  t.run();
  CHECK(t.driver.sent.code() == expected);
  CHECK_FALSE(t.published());
  for (auto& record : t.driver.recorded)
    if (record.to_receiver) CHECK(record.type == record_type::offer);
}

TEST_CASE("a receipt that is not the receiver's for this attempt leaves the transfer unconfirmed") {
  transfer_fixture before;
  before.run();
  auto earlier = before.driver.recorded.back().whole;
  REQUIRE(before.driver.recorded.back().type == record_type::receipt);

  transfer_fixture t;
  auto forge = [&](const bytes& genuine, auto change, const identity& by) {
    auto said = *read_receipt(body_of(genuine));
    change(said);
    return make_record(record_type::receipt, sign_receipt(said, by));
  };
  auto same = [](receipt&) {};
  auto host9 = t.network.identity_of("HOST9");
  std::function<bytes(const bytes&)> replace;
  SECTION("replayed") {
    replace = [&](const bytes&) { return earlier; };
  }
  SECTION("signed by another client") {
    replace = [&](const bytes& genuine) { return forge(genuine, same, *host9); };
  }
  SECTION("by another client, under its own name") {
    replace = [&](const bytes& genuine) {
      return forge(
          genuine, [](receipt& r) { r.receiver = "HOST9"; }, *host9);
    };
  }
  SECTION("of another attempt") {
    replace = [&](const bytes& genuine) {
      return forge(
          genuine, [](receipt& r) { r.header[0] ^= std::byte{1}; }, *t.receiving.self);
    };
  }
  SECTION("for another digest") {
    replace = [&](const bytes& genuine) {
      return forge(
          genuine, [](receipt& r) { r.digest.back() ^= 1; }, *t.receiving.self);
    };
  }
  SECTION("altered") {
    replace = [&](const bytes& genuine) { return with_flipped_bit(genuine, -200); };
  }
  change_answers(t, [&](const passing_record& record) -> std::vector<bytes> {
    return {record.type == record_type::receipt ? replace(record.whole) : record.whole};
  });
  t.run();
  CHECK(t.driver.sent.code() == errc::unconfirmed);
  CHECK(t.driver.received.done());
}

TEST_CASE("a receipt before its time is no receipt") {
  transfer_fixture before;
  before.run();
  auto earlier = before.driver.recorded.back().whole;
  transfer_fixture t;
  change_answers(t, [&](const passing_record& record) -> std::vector<bytes> {
    if (record.type == record_type::ready) return {earlier, record.whole};
    return {record.whole};
  });
  t.run();
  CHECK(t.driver.sent.code() == errc::bad_message);
  CHECK_FALSE(t.published());
}

TEST_CASE("a hub can break a transfer off, but not put words in anybody's mouth") {
  transfer_fixture t;
  auto host9 = t.network.identity_of("HOST9");
  reason_record lie{errc::superseded, "never mind"};
  SECTION("a refusal in the receiver's name") {
    change_answers(t, [&](const passing_record& record) -> std::vector<bytes> {
      auto forged = make_statement(record_type::refusal, hash_of_offer(t), encode(lie), *host9, true);
      return {make_record(record_type::refusal, encode(forged)), record.whole};
    });
    t.run();
    CHECK(t.driver.sent.code() == errc::not_authorised);
  }
  SECTION("a refusal of an earlier exchange") {
    auto said = make_statement(record_type::refusal, answers_nothing, encode(lie), *t.receiving.self, true);
    change_answers(t, [&](const passing_record&) -> std::vector<bytes> {
      return {make_record(record_type::refusal, encode(said))};
    });
    t.run();
    CHECK(t.driver.sent.code() == errc::tampered);
  }
  SECTION("an abort in the sender's name") {
    t.change_records([&](const passing_record& record) -> std::vector<bytes> {
      if (record.number != chunk1) return {record.whole};
      auto forged = make_statement(record_type::abort, hash_of_offer(t), encode(lie), *host9, false);
      return {make_record(record_type::abort, encode(forged)), record.whole};
    });
    t.run();
    t.check_refused(errc::tampered);
  }
  CHECK_FALSE(t.published());
}
