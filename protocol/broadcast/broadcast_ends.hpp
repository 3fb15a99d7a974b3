#pragma once
/// The ends of a broadcast's circuits besides the receiver's: all `circuit_end`s without I/O.
/// docs/protocol/broadcasts.md, "Broadcasts".
#include "protocol/broadcast/receiver_board.hpp"
#include "protocol/broadcast/spool.hpp"
#include "protocol/transfer/transfer_ends.hpp"

namespace hublink {

struct broadcast_sending_config {
  sending_end_config sending;                  ///< `offer.recipients`: all receivers
  std::map<std::string, bytes> certificates{}; ///< DER, of each recipient; checked here
  std::map<std::string, outcome<>> settled{};  ///< receivers that are done by earlier attempts
  /// Size and digest of what an earlier attempt sent to its end: receipts are for exactly that.
  std::optional<checkpoint> all_sent{};
  bool until_spooled = false; ///< ends well already when the point says that all is durable there
};
/// At the sender. Ends well if every receiver is done; else with what the first of the others, by name,
/// failed with; with `stored` if the point waits for all of these.
std::unique_ptr<circuit_end> make_broadcast_sending_end(broadcast_sending_config config);

/// Where a stream goes at a point, and who hears of it. Its owner says so when it welcomes the offer: before
/// that no signature was checked, so whose transfer it is is not known.
struct spooling_place {
  std::shared_ptr<spool> held{};
  std::shared_ptr<receiver_board> board{};
  std::uint64_t number = 0; ///< of this attempt, as `spool::offered` says
  std::string storage{};    ///< of the spool's file
  bool all_heard = false;   ///< once it ended well: the sender said so
};

struct spooling_end_config {
  std::string file, open_id; ///< of the circuit
  transfer_id transfer;
  std::shared_ptr<spooling_place> place; ///< filled before `decision::welcome`
  std::shared_ptr<const identity> self;
  std::shared_ptr<const trust> ca;
  std::function<trust::clock_time()> now;
  checkpoint_interval interval{}; ///< between two syncs of the spool's file
};
/// At a broadcast point, towards the sender: takes the records into the spool, whose file holds chunks alone,
/// and tells what the board says. Asks its owner where an offer goes, and tells it when more of the file is
/// durable (`question::safe`, bytes of content): what is to be written down is `spool::durable`. Ends well
/// once everybody's result is told and the sender has closed.
std::unique_ptr<circuit_end> make_spooling_end(spooling_end_config config);

struct feeding_end_config {
  std::vector<std::string> names; ///< one receiver, or all those behind another broadcast point
  std::shared_ptr<spool> held;
  std::shared_ptr<receiver_board> board;
  std::shared_ptr<const trust> ca;
  std::function<trust::clock_time()> now;
  std::function<std::chrono::milliseconds()> steady_time;
  std::string storage{}; ///< of the spool's file
};
/// At a broadcast point, towards a receiver, or towards the next broadcast point: who answers says which.
/// Reads the spool's file. Ends well once all `names` have their result, or are passed over
/// (`receiver_board::pass_over`).
std::unique_ptr<circuit_end> make_feeding_end(feeding_end_config config);

} // namespace hublink
