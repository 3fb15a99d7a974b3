#include "protocol/transfer/transfer_records.hpp"
#include "support/catch.hpp"

#include "protocol/base/cbor_fields.hpp"
#include "protocol/transfer/receipt.hpp"
#include "transfer_fixture.hpp"

using namespace hublink;
using namespace hublink::test;
using Catch::Contains;
using cbor::json;

namespace {

/// Feeds `stream` in pieces, with small bodies all allowed; gives the records' types, or the failure.
outcome<std::vector<record_type>> cut_up(byte_view stream, std::size_t piece) {
  bytes body;
  record_reader reader{[&](record_type, std::uint32_t size) -> outcome<std::span<std::byte>> {
    body.resize(size);
    return std::span<std::byte>{body};
  }};
  std::vector<record_type> types;
  while (!stream.empty()) {
    auto room = reader.room();
    auto count = std::min({room.size(), stream.size(), piece});
    std::ranges::copy(stream.first(count), room.begin());
    stream = stream.subspan(count);
    auto complete = reader.filled(count);
    if (!complete) return complete.error();
    if (!*complete) continue;
    types.push_back(reader.type());
    reader.next();
  }
  return types;
}

offer_record some_offer() { return {{some_transfer, 3, 2, 4, 5, "HOST1", "FILE01", {"HOST2", "HOST3"}}, {}}; }

json as_map(const bytes& cbor) { return *cbor::parse_map(cbor); }

} // namespace

TEST_CASE("records are cut right, however their bytes come") {
  auto stream = make_record(record_type::offer, as_bytes("body"));
  for (auto* more : {"", "x", "a longer one"}) {
    auto record = make_record(record_type::end, as_bytes(more));
    stream.insert(stream.end(), record.begin(), record.end());
  }
  for (std::size_t piece = 1; piece < 40; ++piece) {
    auto types = cut_up(stream, piece);
    REQUIRE(types);
    CHECK(*types == std::vector{record_type::offer, record_type::end, record_type::end, record_type::end});
  }
}

TEST_CASE("what a record's place is too short for goes elsewhere") {
  bytes start(3);
  record_reader reader{
      [&](record_type, std::uint32_t) -> outcome<std::span<std::byte>> { return std::span{start}; }};
  auto record = make_record(record_type::chunk, as_bytes("a chunk"));
  for (int round = 0; round < 2; ++round) {
    for (auto left = byte_view{record}.first(record_head + 3); !left.empty(); left = left.subspan(1)) {
      CHECK(reader.elsewhere() == 0);
      reader.room()[0] = left[0];
      CHECK_FALSE(*reader.filled(1));
    }
    CHECK(as_text(start) == "a c");
    CHECK(reader.room().empty());
    CHECK(reader.elsewhere() == 4);
    CHECK_FALSE(*reader.filled(3));
    CHECK(reader.elsewhere() == 1);
    CHECK(*reader.filled(1));
    reader.next();
  }
}

TEST_CASE("a record too long or of unknown type is known by its head") {
  auto text = [](std::initializer_list<int> head) {
    bytes stream;
    for (auto each : head) stream.push_back(std::byte(each));
    auto types = cut_up(stream, 1);
    REQUIRE_FALSE(types);
    CHECK(types.error().code == errc::bad_message);
    return types.error().text;
  };
  CHECK_THAT(text({0, 0, 0, 1, 0x3f}), Contains("unknown type 63"));
  CHECK_THAT(text({0, 0, 0, 0, 0x00}), Contains("unknown type 0"));
  CHECK_THAT(text({0xFF, 0xFF, 0xFF, 0xFF, 0x04}), Contains("4294967295 bytes"));
  CHECK_THAT(text({0, 0, 0, 9, 0x12}), Contains("record progress of 9 bytes"));
  CHECK_THAT(text({0, 1, 0, 1, 0x01}), Contains("record offer"));
}

TEST_CASE("what records say comes through") {
  auto offer = decode_offer(encode(some_offer()));
  REQUIRE(offer);
  CHECK(offer->offer.transfer == some_transfer);
  CHECK(offer->offer.attempt == 3);
  CHECK(offer->offer.generation == 2);
  CHECK(offer->offer.sequence == 4);
  CHECK(offer->offer.time_ms == 5);
  CHECK(offer->offer.sender == "HOST1");
  CHECK(offer->offer.file.empty()); // its tag travels instead
  CHECK(offer->offer.recipients == std::vector<std::string>{"HOST2", "HOST3"});

  auto ready = decode_ready(encode(ready_record{.receiver = "HOST2", .safe = {}, .receipt = {}}));
  REQUIRE(ready);
  CHECK(ready->receipt.empty());
  header_record header{some_transfer, 2, 3, 4096, 1, digest_kind::sha256, {}};
  auto read = decode_header(encode(header));
  REQUIRE(read);
  CHECK(read->chunk_size == 4096);
  CHECK(read->digest == digest_kind::sha256);

  std::string odd_name = "r\xE9sum\xE9 \x01.txt"; // file names are bytes
  auto metadata = decode_metadata(encode(metadata_record{odd_name, 123, 0100755}));
  REQUIRE(metadata);
  CHECK(metadata->name == odd_name);
  CHECK(metadata->size == 123);
  CHECK(metadata->mode == 0755);

  auto reason = decode_reason(encode(reason_record{errc::no_space, "in/\n\xFF is full"}));
  REQUIRE(reason);
  CHECK(reason->code == errc::no_space);
  CHECK(reason->text == "in/?? is full");
}

TEST_CASE("a file's tag is its own, on its own circuit") {
  auto tag = tag_of_file("0123456789abcdef", "FILE01");
  CHECK(tag == tag_of_file("0123456789abcdef", "FILE01"));
  CHECK(tag != tag_of_file("0123456789abcdef", "FILE02"));
  CHECK(tag != tag_of_file("0123456789abcde0", "FILE01"));
  CHECK(tag != tag_of_file("0123456789abcdefF", "ILE01"));
  CHECK(to_hex(tag) == "669722af66ac148061c7214d64b896cf511f1b25c421da22af680364d8112c16");
}

TEST_CASE("a header is committed to one key, of one attempt") {
  content_key key{}, other{};
  other[31] = std::byte{1};
  header_record header{some_transfer, 2, 3};
  header.broadcast = true;
  header.commitment = commitment_to(key, header);
  CHECK(to_hex(header.commitment) == "addf37183578c9d2d1ffec9632526d0810dbbede2c2f002b50a2887fd32c0f3a");
  CHECK(commitment_to(other, header) != header.commitment);
  for (auto change : {0, 1, 2}) {
    auto changed = header;
    if (change == 0) changed.transfer = "0190a1b2c3d4e5f60718293a4b5c6d7f";
    if (change == 1) ++changed.attempt;
    if (change == 2) ++changed.generation;
    CHECK(commitment_to(key, changed) != header.commitment);
  }
  auto read = decode_header(encode(header));
  REQUIRE(read);
  CHECK(read->broadcast);
  CHECK(read->commitment == header.commitment);
  auto map = as_map(encode(header));
  map["key"] = cbor::to_binary(bytes(31));
  CHECK_FALSE(decode_header(cbor::to_bytes(map)));
  map.erase("key");
  CHECK_FALSE(decode_header(cbor::to_bytes(map)));
}

TEST_CASE("every field out of its range is a bad message") {
  auto wrong = [](const char* key, const json& value) {
    auto map = as_map(encode(some_offer()));
    if (value.is_discarded())
      map.erase(key);
    else
      map[key] = value;
    auto decoded = decode_offer(cbor::to_bytes(map));
    INFO(key << " = " << value.dump());
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == errc::bad_message);
    CHECK_THAT(decoded.error().text, Contains(key));
  };
  json absent(json::value_t::discarded);
  for (auto* key : {"version", "transfer", "attempt", "generation", "sequence", "time_ms", "sender",
                    "file_tag", "recipients", "nonce"}) {
    wrong(key, absent);
    wrong(key, nullptr);
    wrong(key, json::object());
  }
  wrong("version", 2);
  wrong("transfer", "0190");
  wrong("transfer", std::string(32, 'G'));
  wrong("attempt", 0);
  wrong("attempt", std::uint64_t(1) << 32);
  wrong("generation", 0);
  wrong("generation", 4); // no more than attempts
  wrong("sequence", -1);
  wrong("time_ms", UINT64_MAX);
  wrong("sender", "");
  wrong("sender", "HOST\n1");
  wrong("file_tag", cbor::to_binary(bytes(33)));
  wrong("recipients", json::array());
  wrong("recipients", json::array({1}));
  wrong("nonce", cbor::to_binary(bytes(31)));

  CHECK_FALSE(decode_header(encode(header_record{.transfer = some_transfer, .chunk_size = 0})));
  CHECK_FALSE(decode_header(encode(header_record{.transfer = some_transfer, .chunk_size = max_chunk + 1})));
  CHECK_FALSE(
      decode_header(encode(header_record{.transfer = some_transfer, .chunk_size = 16, .start_chunk = 0})));
  CHECK_FALSE(decode_metadata(encode(metadata_record{"a/b", 1, 0})));
  CHECK_FALSE(decode_metadata(encode(metadata_record{std::string(1, '\0'), 1, 0})));
  CHECK_FALSE(decode_metadata(encode(metadata_record{"a", max_file_size + 1, 0})));
  CHECK_FALSE(decode_end(encode(end_record{1, "xxh128:00"}), digest_kind::xxh128));
  for (auto size :
       {std::size_t(0), envelope_size - 1, envelope_size + 1, std::size_t(300), std::size_t(5000)})
    CHECK_FALSE(decode_envelopes(encode(envelopes_record{{{"HOST2", bytes(size)}}})));
  CHECK(decode_envelopes(encode(envelopes_record{{{"HOST2", bytes(envelope_size)}}})));
}

TEST_CASE("no decoder minds what is no CBOR at all") {
  std::vector<bytes> texts{{},
                           bytes(1),
                           bytes(1000, std::byte{0x9F}),
                           bytes(60'000, std::byte{0x81}),
                           bytes(60'000, std::byte{0xA1}),
                           bytes(60'000, std::byte{0x7F}),
                           bytes(60'000, std::byte{0xC6})};
  for (auto& text : texts) {
    CHECK_FALSE(decode_offer(text));
    CHECK_FALSE(decode_ready(text));
    CHECK_FALSE(decode_header(text));
    CHECK_FALSE(decode_envelopes(text));
    CHECK_FALSE(decode_metadata(text));
    CHECK_FALSE(decode_end(text, digest_kind::xxh128));
    CHECK_FALSE(decode_reason(text));
    CHECK_FALSE(read_receipt(text));
    CHECK_FALSE(read_statement(record_type::ready, answers_nothing, text));
  }
}

TEST_CASE("a signed record counts in its own exchange and as its own type alone") {
  transfer_fixture t;
  auto& host1 = *t.sending.self;
  auto& ca = *t.sending.ca;
  statement_hash first{}, second{};
  second[0] = std::byte{1};
  auto said = make_statement(record_type::end, first, cbor::to_bytes({{"a", 1}}), host1, true);
  CHECK(verify_client(said, "HOST1", ca, noon));
  auto refused = [&](const statement& altered, const char* name, errc expected) {
    auto result = verify_client(altered, name, ca, noon);
    REQUIRE_FALSE(result);
    CHECK(to_string(result.error().code) == to_string(expected));
  };
  refused(said, "HOST2", errc::tampered);
  auto moved = said;
  moved.answered = second;
  refused(moved, "HOST1", errc::tampered);
  auto renamed = said;
  renamed.type = record_type::header;
  refused(renamed, "HOST1", errc::tampered);
  auto altered = said;
  altered.body = cbor::to_bytes({{"a", 2}});
  refused(altered, "HOST1", errc::tampered);
  auto others = said;
  others.certificate.assign(t.receiving.self->certificate().begin(), t.receiving.self->certificate().end());
  refused(others, "HOST2", errc::tampered);
  auto hub = make_statement(record_type::end, first, cbor::to_bytes({{"a", 1}}),
                            *t.network.identity_of("HOST1", role::server), true);
  refused(hub, "HOST1", errc::tampered);
}

TEST_CASE("a receipt stands for itself") {
  transfer_fixture t;
  receipt said{some_transfer, 1, 1, "HOST1", "HOST2", 40, "xxh128:99aa06d3014798d86001c324468d497f", {}};
  auto kept = sign_receipt(said, *t.receiving.self);
  auto found = verify_receipt(kept, *t.sending.ca, noon);
  REQUIRE(found);
  CHECK(found->digest == said.digest);
  CHECK_FALSE(verify_receipt(sign_receipt(said, *t.sending.self), *t.sending.ca, noon));
  for (std::size_t i = 0; i < kept.size(); ++i) {
    auto altered = kept;
    altered[i] ^= std::byte{1};
    auto result = verify_receipt(altered, *t.sending.ca, noon);
    CHECK_FALSE(result);
  }
}

TEST_CASE("a receipt counts as long as its certificate, and is signed anew under the next one") {
  transfer_fixture t;
  const auto ends = noon + std::chrono::hours{1}, then = ends + std::chrono::hours{1};
  auto first = t.network.identity_of("HOST2", role::client, {around_noon.from, ends});
  auto renewed = t.network.identity_of("HOST2");
  receipt said{some_transfer, 1, 1, "HOST1", "HOST2", 40, "xxh128:99aa06d3014798d86001c324468d497f", {}};
  said.header[5] = std::byte{9};
  auto kept = sign_receipt(said, *first);
  CHECK(still_counts(kept, *t.sending.ca, noon));
  CHECK_FALSE(still_counts(kept, *t.sending.ca, then));
  CHECK_FALSE(verify_receipt(kept, *t.sending.ca, then));
  CHECK(renewed_receipt(kept, *first) == kept); // under the same certificate: as it is
  auto again = renewed_receipt(kept, *renewed);
  CHECK(still_counts(again, *t.sending.ca, then));
  auto found = verify_receipt(again, *t.sending.ca, then);
  REQUIRE(found);
  CHECK(found->header == said.header);
  CHECK(found->digest == said.digest);
  CHECK(found->sender == "HOST1");
  CHECK(renewed_receipt(bytes(3), *renewed) == bytes(3)); // what can't be read is no receipt afterwards, too
  CHECK_FALSE(still_counts(bytes(3), *t.sending.ca, noon));
}

TEST_CASE("an envelope is bound to network, transfer, attempt, sender and receiver") {
  network_mark network{};
  header_record header{.transfer = some_transfer, .chunk_size = 16};
  std::vector<statement_hash> all{
      envelope_info(network, header, "HOST1", "HOST2"), envelope_info(network, header, "HOST2", "HOST1"),
      envelope_info(network, header, "HOST1", "HOST3"), envelope_info(network, header, "HOST1H", "OST2")};
  network[31] = std::byte{1};
  all.push_back(envelope_info(network, header, "HOST1", "HOST2"));
  network = {};
  header.attempt = 2;
  all.push_back(envelope_info(network, header, "HOST1", "HOST2"));
  header.attempt = 1, header.generation = 2;
  all.push_back(envelope_info(network, header, "HOST1", "HOST2"));
  header.generation = 1, header.transfer.back() = 'f';
  all.push_back(envelope_info(network, header, "HOST1", "HOST2"));
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) CHECK(all[i] != all[k]);
}

TEST_CASE("a header of another version's suite is refused with what to do") {
  auto map = cbor::json{{"suite", "aes-256-gcm-stream"},
                        {"transfer", some_transfer},
                        {"attempt", 1},
                        {"generation", 1},
                        {"chunk", 16},
                        {"start", 1},
                        {"digest", "xxh128"},
                        {"envelopes", cbor::to_binary(bytes(32))}};
  auto old = decode_header(cbor::to_bytes(map));
  REQUIRE_FALSE(old);
  CHECK(old.error().code == errc::bad_message);
  CHECK_THAT(old.error().text, Catch::Contains("suite") && Catch::Contains("upgrade"));
  map["suite"] = stream_suite;
  CHECK(decode_header(cbor::to_bytes(map)));
}
