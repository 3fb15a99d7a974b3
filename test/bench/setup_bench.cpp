// What the ends of a transfer, and of a broadcast, compute before the first chunk goes: offer, READY, header,
// envelopes. Without network and files, in one thread. Prints milliseconds, the median of the rounds.
//   setup_bench [RECEIVERS] [ROUNDS]
#include "protocol/broadcast/broadcast_sending_transcript.hpp"
#include "protocol/broadcast/envelope_batch.hpp"
#include "protocol/transfer/receiving_transcript.hpp"
#include "protocol/transfer/sending_transcript.hpp"

#include "test_ca.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>

using namespace hublink;
using namespace hublink::test;

namespace {

const transfer_id transfer = "0190a1b2c3d4e5f60718293a4b5c6d7e";
const std::string open_id = "0123456789abcdef";

template <class T>
T must(outcome<T> made) {
  if (made) return std::move(*made);
  std::cerr << to_string(made.error()) << "\n";
  std::exit(1);
}
void must(const outcome<>& made) {
  if (made) return;
  std::cerr << to_string(made.error()) << "\n";
  std::exit(1);
}

/// Milliseconds by what was done, of each round.
class times {
 public:
  template <class Work>
  auto measure(const std::string& what, Work work) {
    auto begin = std::chrono::steady_clock::now();
    auto note = [&] {
      std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
      if (std::ranges::find(order_, what) == order_.end()) order_.push_back(what);
      by_name_[what].push_back(took.count());
    };
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      note();
    } else {
      auto made = work();
      note();
      return made;
    }
  }
  void print() {
    for (const auto& name : order_) {
      auto& all = by_name_[name];
      std::ranges::nth_element(all, all.begin() + std::ptrdiff_t(all.size() / 2));
      std::cout << name << ": " << all[all.size() / 2] << " ms\n";
    }
  }

 private:
  std::vector<std::string> order_;
  std::map<std::string, std::vector<double>> by_name_;
};

struct record {
  record_type type;
  bytes body;
};
std::vector<record> cut(byte_view stream) {
  std::vector<record> all;
  while (!stream.empty()) {
    auto size = get_be<std::uint32_t>(stream.data());
    auto body = stream.subspan(record_head, size);
    all.push_back({static_cast<record_type>(stream[4]), {body.begin(), body.end()}});
    stream = stream.subspan(record_head + size);
  }
  return all;
}
bytes only_body(byte_view stream) { return cut(stream).at(0).body; }

struct parties {
  test_ca network;
  std::shared_ptr<const identity> host1 = network.identity_of("HOST1");
  std::map<std::string, std::shared_ptr<const identity>> receivers;
  std::shared_ptr<const trust> at_sender = network.trust();

  receiving_end_config receiving(const std::string& name) const {
    return {"HOST1", "FILE01", receivers.at(name), network.trust(), [] { return noon; }, open_id};
  }
  sending_end_config sending() const {
    transfer_offer offer{transfer, 1, 1, 7, 0, "HOST1", "FILE01", {receivers.begin()->first}};
    return {offer,         open_id, "report.bin", digest_kind::xxh128,
            default_chunk, host1,   at_sender,    [] { return noon; }};
  }
};

void one_receiver(const parties& all, times& took) {
  sending_transcript sender{all.sending()};
  receiving_transcript receiver{all.receiving(all.receivers.begin()->first)};
  auto offer = took.measure("transfer, sender: offer", [&] { return must(sender.make_offer()); });
  auto ready = took.measure("transfer, receiver: offer, READY", [&] {
    must(receiver.read_offer(only_body(offer)));
    return must(receiver.make_ready({}, {}, false));
  });
  auto opening = took.measure("transfer, sender: READY, header and envelope", [&] {
    must(sender.read_ready(only_body(ready)));
    return must(sender.open_stream({}, 0, file_digest{digest_kind::xxh128}));
  });
  auto records = cut(opening.records);
  took.measure("transfer, receiver: header and envelope", [&] {
    must(receiver.read_header(records.at(0).body));
    must(receiver.read_envelopes(records.at(1).body, file_digest{digest_kind::xxh128}));
  });
}

void many_receivers(const parties& all, times& took, std::size_t& carried) {
  broadcast_sending_config config;
  config.sending = all.sending();
  config.sending.ca = all.network.trust(); // which remembers nothing yet
  config.sending.offer.recipients.clear();
  for (const auto& [name, who] : all.receivers) {
    config.sending.offer.recipients.push_back(name);
    config.certificates[name] = {who->certificate().begin(), who->certificate().end()};
  }
  broadcast_sending_transcript sender{config};
  auto offer =
      took.measure("broadcast, sender: certificates, offer", [&] { return must(sender.make_offer(0)); });
  took.measure("broadcast, sender: again, certificates known", [&] { return must(sender.make_offer(0)); });
  auto opening = took.measure("broadcast, sender: header", [&] {
    return must(sender.open_stream(0, 1, file_digest{digest_kind::sha256}));
  });
  std::vector<bytes> batches;
  took.measure("broadcast, sender: envelopes", [&] {
    for (auto next = must(sender.make_envelopes()); !next.empty(); next = must(sender.make_envelopes()))
      batches.push_back(std::move(next));
  });
  carried = 0;
  std::map<std::string, bytes> envelopes;
  took.measure("broadcast, point: batches", [&] {
    for (const auto& batch : batches) {
      carried += batch.size();
      for (auto& [name, envelope] : must(unpack_envelopes(only_body(batch))).by_name)
        envelopes.emplace(name, std::move(envelope));
    }
  });
  auto head = cut(opening.records);
  auto name = all.receivers.rbegin()->first;
  receiving_transcript receiver{all.receiving(name)};
  must(receiver.read_offer(only_body(offer)));
  must(receiver.make_ready({}, {}, false));
  must(receiver.read_segment(head.at(0).body));
  took.measure("broadcast, a receiver: header and envelope", [&] {
    must(receiver.read_header(head.at(1).body));
    must(receiver.read_envelopes(encode(envelopes_record{{{name, envelopes.at(name)}}}),
                                 file_digest{digest_kind::sha256}));
  });
}

} // namespace

int main(int count, char** words) {
  auto receivers = count > 1 ? std::stoul(words[1]) : 300, rounds = count > 2 ? std::stoul(words[2]) : 31;
  parties all;
  for (unsigned long i = 0; i < receivers; ++i) {
    auto name = "HOST" + std::to_string(1000 + i);
    all.receivers[name] = all.network.identity_of(name);
  }
  times took;
  std::size_t carried = 0;
  for (unsigned long i = 0; i < rounds; ++i) {
    one_receiver(all, took);
    many_receivers(all, took, carried);
  }
  took.print();
  std::cout << receivers << " receivers; batches: " << carried << " bytes, " << carried / receivers
            << " a receiver\n";
}
