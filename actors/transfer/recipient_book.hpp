#pragma once
/// What a broadcast's sender knows of its recipients in one attempt: for whom it is sealed, what each said,
/// and what of that is not written down yet. Pure.
#include "actors/definition/definition.hpp"
#include "actors/transfer/transfer_record.hpp"
#include "protocol/broadcast/broadcast_ends.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hublink {

class recipient_book {
 public:
  using certificates = std::map<std::string, bytes>; ///< DER, by name

  /// An attempt is sealed for whom the definition names now: who was added since the last one gets it too,
  /// who was taken out and has not got it is not asked any more. `applied`, which a manager brought, go
  /// before `own`.
  void begin(transfer_record& record, const std::vector<std::string>& recipients, const certificates& applied,
             const certificates& own);

  broadcast_sending_config config(sending_end_config base, const transfer_record& record,
                                  const send_definition& definition) const;

  /// Puts that into the record, and keeps it to be written down. True if somebody is done by it.
  bool note(transfer_record& record, const std::vector<receiver_result>& results, std::int64_t now_ms);
  /// All that is to be written down: once.
  std::optional<receiver_changes> take_unsaved(const transfer_id& transfer);
  /// The whole record is being written down.
  void forget_unsaved() { unsaved_ = {}; }

  /// Somebody has failed whom another attempt may reach.
  bool may_be_mended() const { return !mendable_.empty(); }
  bool has_every_result(const transfer_record& record) const;
  /// At its end the record says of each what he said.
  void settle(transfer_record& record) const;

 private:
  std::map<std::string, transfer_state> results_; ///< in this attempt
  std::set<std::string> mendable_;                ///< of those who failed
  receiver_changes unsaved_;                      ///< of these
  certificates certificates_;
};

/// Who adds a receiver gets one that can open nothing, who leaves one out would show late: `bad_config` at
/// `here` where a broadcast point plans for others than `recipients`. An empty plan says nothing.
outcome<> check_plan(const std::vector<std::string>& planned, const std::vector<std::string>& recipients,
                     const std::string& here);

/// The first for whom it has failed for good; null: none.
const receiver_result* first_failed(const std::vector<receiver_result>& results);

} // namespace hublink
