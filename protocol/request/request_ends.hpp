#pragma once
/// The two ends of a request connection, without I/O, driven as those of a transfer. The requester signs what
/// it wants, the source what it makes of it: a hub can break the exchange, and neither forge nor move it.
#include "protocol/circuit/circuit_end.hpp"
#include "protocol/request/request_records.hpp"
#include "protocol/trust/credentials.hpp"

#include <functional>
#include <memory>

namespace hublink {

struct asking_end_config {
  transfer_id request;
  std::string file, source; ///< from the receive definition
  bool resend = false;
  std::string open_id; ///< of the circuit
  std::shared_ptr<const identity> self;
  std::shared_ptr<const trust> ca;
  std::function<trust::clock_time()> now;
  bool results = false; ///< by a broadcast point, about the transfer `request`
};
/// The requester. Tells its owner what the source answered (`question::answer`), and is done; a refusal ends
/// it with the source's reason.
std::unique_ptr<circuit_end> make_asking_end(asking_end_config config);

struct answering_end_config {
  transfer_id request; ///< as the circuit was opened for
  std::string file;
  std::vector<std::string> requesters; ///< who may ask, from the send definition
  std::string open_id;
  std::shared_ptr<const identity> self;
  std::shared_ptr<const trust> ca;
  std::function<trust::clock_time()> now;
};
/// The source. Asks its owner (`question::request`); what that decides goes back signed.
std::unique_ptr<circuit_end> make_answering_end(answering_end_config config);

} // namespace hublink
