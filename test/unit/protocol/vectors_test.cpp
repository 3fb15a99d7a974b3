// The test vectors of the protocol's pages, which another implementation made: hublink reads them all as they
// were meant.
#include "protocol/circuit/preamble.hpp"
#include "protocol/circuit/statement.hpp"
#include "protocol/link/link_message.hpp"
#include "protocol/transfer/transfer_records.hpp"
#include "protocol/trust/envelope.hpp"
#include "protocol/trust/p256.hpp"
#include "support/catch.hpp"

#include <nlohmann/json.hpp>
#include <openssl/x509.h>

#include <algorithm>
#include <fstream>

using namespace hublink;
using nlohmann::json;

namespace {

const json& vectors() {
  static const json all = json::parse(std::ifstream{HUBLINK_SOURCE_DIR "/docs/protocol/vectors.json"});
  return all;
}

bytes hex_of(const json& at, const char* key) { return from_hex(at.at(key).get<std::string>()).value(); }

template <std::size_t Size>
std::array<std::byte, Size> array_of(const json& at, const char* key) {
  auto data = hex_of(at, key);
  REQUIRE(data.size() == Size);
  std::array<std::byte, Size> array;
  std::ranges::copy(data, array.begin());
  return array;
}

header_record header_of(const json& at) {
  header_record header;
  header.transfer = at.at("transfer");
  header.generation = at.at("generation");
  header.attempt = at.at("attempt");
  return header;
}

link_message message_of(std::size_t at) {
  auto frame = hex_of(vectors().at("frames").at(at), "bytes");
  REQUIRE(get_be<std::uint32_t>(frame.data()) == frame.size() - 4);
  auto message = decode(byte_view{frame}.subspan(4));
  REQUIRE(message);
  return *message;
}

} // namespace

TEST_CASE("vectors: frames") {
  REQUIRE(vectors().at("frames").size() == 6);
  auto greeting = std::get<hello>(message_of(0));
  CHECK(greeting.name == "HOST1");
  CHECK(greeting.role == role::client);
  CHECK(greeting.incarnation == 0x0123456789abcdef);
  auto asked = std::get<open_request>(message_of(1));
  CHECK(asked.number == 1);
  CHECK(asked.body.open_id == vectors()["file_tag"]["open_id"].get<std::string>());
  CHECK(asked.body.file == "FILE01");
  CHECK(asked.body.destination == std::vector<std::string>{"HOST2"});
  CHECK(asked.body.attempt == 3);
  CHECK(asked.body.budget_ms == 10'000);
  auto whole = std::get<opened>(std::get<answer>(message_of(2)).body);
  CHECK(whole.data_token == array_of<32>(vectors()["preamble"], "token"));
  auto why = std::get<failure>(std::get<answer>(message_of(3)).body);
  CHECK(why.code == errc::hop_down);
  CHECK(why.hop == "ServerA");
  CHECK_FALSE(std::get<beat>(message_of(4)).answer);
  CHECK(std::get<returned>(message_of(5)).transfer == asked.body.transfer);
}

TEST_CASE("vectors: preamble") {
  const auto& kept = vectors()["preamble"];
  CHECK(make_preamble(array_of<32>(kept, "token")) == array_of<preamble_size>(kept, "bytes"));
}

TEST_CASE("vectors: file tag") {
  const auto& kept = vectors()["file_tag"];
  CHECK(tag_of_file(kept.at("open_id").get<std::string>(), kept.at("file").get<std::string>()) ==
        array_of<32>(kept, "tag"));
}

TEST_CASE("vectors: a statement") {
  const auto& kept = vectors()["statement"];
  statement offer{record_type::offer,
                  array_of<32>(kept, "answered"),
                  hex_of(kept, "body"),
                  hex_of(kept, "signature"),
                  {}};
  CHECK(offer.hash() == array_of<32>(kept, "hash"));
  CHECK(offer.hash() == hash_of(hex_of(kept, "signed")));
  auto key = p256::public_key(hex_of(kept["signer"], "public"));
  REQUIRE(key);
  CHECK(p256::verify(key.get(), hex_of(kept, "signed"), offer.signature));
  auto said = decode_offer(offer.body);
  REQUIRE(said);
  CHECK(said->offer.sender == "HOST1");
  CHECK(said->offer.recipients == std::vector<std::string>{"HOST2"});
  CHECK(said->file_tag == array_of<32>(vectors()["file_tag"], "tag"));
}

TEST_CASE("vectors: an envelope") {
  const auto& kept = vectors()["envelope"];
  auto network = array_of<32>(kept, "network");
  CHECK(network == hash_of(hex_of(kept, "ca_public")));
  auto info = envelope_info(network, header_of(kept), kept.at("sender").get<std::string>(),
                            kept.at("receiver").get<std::string>());
  CHECK(info == array_of<32>(kept, "info"));
  auto pkcs8 = hex_of(kept["receiver_key"], "private_pkcs8");
  auto at = reinterpret_cast<const unsigned char*>(pkcs8.data());
  openssl::evp_key key{::d2i_AutoPrivateKey(nullptr, &at, long(pkcs8.size()))};
  REQUIRE(key);
  auto written = array_of<p256::point_size>(kept["receiver_key"], "public");
  auto opened = open_envelope(hex_of(kept, "bytes"), {key.get(), written}, info);
  REQUIRE(opened);
  CHECK(*opened == array_of<32>(kept, "content_key"));
}

TEST_CASE("vectors: a commitment") {
  const auto& kept = vectors()["commitment"];
  CHECK(commitment_to(array_of<32>(kept, "content_key"), header_of(kept)) ==
        array_of<32>(kept, "commitment"));
}

TEST_CASE("vectors: chunks") {
  auto of = header_of(vectors()["envelope"]);
  stream_cipher cipher{stream_cipher::direction::open,
                       array_of<32>(vectors()["envelope"], "content_key"),
                       {of.transfer, of.generation, of.attempt}};
  for (const auto& kept : vectors()["chunks"]) {
    auto data = hex_of(kept, "sealed");
    auto record = hex_of(kept, "record");
    CHECK(get_be<std::uint32_t>(record.data()) == data.size());
    CHECK(record.at(4) == std::byte(record_type::chunk));
    std::span<std::byte> content{data.data(), data.size() - tag_size};
    std::span<std::byte, tag_size> tag{data.data() + content.size(), tag_size};
    CHECK(cipher.open(kept.at("index"), kept.at("last"), content, tag));
    CHECK(bytes(content.begin(), content.end()) == hex_of(kept, "content"));
  }
  auto about = decode_metadata(hex_of(vectors()["chunks"][0], "content"));
  REQUIRE(about);
  CHECK(about->name == "report.bin");
  CHECK(about->size == 11);
  CHECK(about->mode == 0640);
}
