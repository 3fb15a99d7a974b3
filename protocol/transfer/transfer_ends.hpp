#pragma once
/// The two ends of a transfer between one sender and one receiver: what they are made of.
#include "protocol/circuit/circuit_end.hpp"
#include "protocol/transfer/digest.hpp"
#include "protocol/transfer/sealed_stream.hpp"
#include "protocol/trust/credentials.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace hublink {

struct sending_end_config {
  transfer_offer offer;
  std::string open_id;   ///< of the circuit: known to those on the way, not to who listens between them
  std::string file_name; ///< sealed; information for the receiver only
  digest_kind digest = digest_kind::xxh128;
  std::uint32_t chunk_size = default_chunk;
  std::shared_ptr<const identity> self;
  std::shared_ptr<const trust> ca;
  std::function<trust::clock_time()> now;
};
/// Sends to `offer.recipients.front()`; to several: protocol/broadcast/broadcast_ends.hpp.
std::unique_ptr<circuit_end> make_sending_end(sending_end_config config);

/// How often a receiver makes a checkpoint: whichever comes first.
struct checkpoint_interval {
  std::uint64_t bytes = 64 << 20;
  std::chrono::milliseconds time{1000};
  /// Counts on whatever becomes of the wall clock. Without one only bytes count.
  std::function<std::chrono::milliseconds()> clock = [] { return std::chrono::milliseconds{0}; };
};

struct receiving_end_config {
  std::string sender; ///< the only one accepted, from the receive definition
  std::string file;
  std::shared_ptr<const identity> self;
  std::shared_ptr<const trust> ca;
  std::function<trust::clock_time()> now;
  std::string open_id{}; ///< as in `sending_end_config`
  checkpoint_interval interval{};
};
std::unique_ptr<circuit_end> make_receiving_end(receiving_end_config config);

} // namespace hublink
