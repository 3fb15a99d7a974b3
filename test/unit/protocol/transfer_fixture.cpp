#include "transfer_fixture.hpp"
#include "support/catch.hpp"

namespace hublink::test {
namespace {

/// Making keys is slow, and no test needs its own.
struct shared_network {
  test_ca network;
  std::shared_ptr<const identity> host1 = network.identity_of("HOST1"), host2 = network.identity_of("HOST2");
  std::shared_ptr<const hublink::trust> ca = network.trust();
};

const shared_network& shared() {
  static const shared_network made;
  return made;
}

} // namespace

bytes some_content(std::size_t size) {
  bytes content(size);
  std::mt19937 random{static_cast<unsigned>(size)};
  for (auto& each : content) each = std::byte(random());
  return content;
}

transfer_fixture::transfer_fixture() : network(shared().network) {
  auto time = [] { return noon; };
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(noon.time_since_epoch()).count();
  sending = {{some_transfer, 1, 1, 7, ms, "HOST1", "FILE01", {"HOST2"}},
             some_open_id,
             "out/report.bin",
             digest_kind::xxh128,
             16,
             shared().host1,
             shared().ca,
             time};
  receiving = {"HOST1", "FILE01", shared().host2, shared().ca, time, some_open_id};
  driver.source.content = some_content(40);
}

void transfer_fixture::run(unsigned seed) {
  driver.source.facts.size = driver.source.content.size();
  driver.sent = driver.received = {};
  auto sender = make_sending_end(sending);
  auto receiver = make_receiving_end(receiving);
  driver.run(*sender, *receiver, seed);
  REQUIRE(driver.sent.result);
  REQUIRE(driver.received.result);
}

void transfer_fixture::change_records(std::function<std::vector<bytes>(const passing_record&)> change) {
  driver.on_the_way = [change = std::move(change)](const passing_record& record) {
    return record.to_receiver ? change(record) : std::vector<bytes>{record.whole};
  };
}

void transfer_fixture::check_refused(errc expected) const {
  INFO("receiver: " << driver.received.text() << "; sender: " << driver.sent.text());
  CHECK_FALSE(driver.received.done());
  CHECK(to_string(driver.received.code()) == to_string(expected));
  CHECK_FALSE(driver.sent.done());
  CHECK_FALSE(published());
}

bytes with_flipped_bit(bytes data, std::ptrdiff_t at) {
  data[static_cast<std::size_t>(at < 0 ? std::ptrdiff_t(data.size()) + at : at)] ^= std::byte{0x10};
  return data;
}

} // namespace hublink::test
