#pragma once
/// A transfer as the journal keeps it and as commands show it.
#include "protocol/transfer_end.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hublink {

/// `queued → running → done | unconfirmed | superseded | failed | cancelled` (and `partial`, of a broadcast).
/// A restarted node puts its own unfinished sends back to `queued`, with the next attempt.
enum class transfer_state : std::uint8_t {
  queued,
  running,
  done,
  partial,
  unconfirmed,
  superseded,
  failed,
  cancelled
};
std::string_view to_string(transfer_state state);
std::optional<transfer_state> transfer_state_from_string(std::string_view name);
bool is_final(transfer_state state);

enum class transfer_side : std::uint8_t { sender, receiver };

struct transfer_record {
  transfer_id transfer;
  transfer_side side = transfer_side::sender;
  std::string file, from;
  std::map<std::string, transfer_state> to;
  transfer_state state = transfer_state::queued;
  std::uint64_t sequence = 0; ///< per sender and file ID
  std::uint32_t attempt = 0;  ///< 0: none yet
  bool all_sent = false;      ///< a sender's last chunk is out: without a receipt it is `unconfirmed`
  std::uint64_t bytes = 0, size = 0;
  std::int64_t started_ms = 0; ///< ms since 1970
  std::optional<std::int64_t> ended_ms;
  std::optional<failure> reason;
  std::string path, digest;
};

/// Filters of a listing; empty fields match all.
struct transfer_query {
  std::optional<bool> finished;
  transfer_id transfer;
  std::string file;
  std::uint32_t limit = 1000; ///< newest first
};

/// What a receiver writes down before the rename.
struct publication {
  transfer_id transfer;
  std::uint32_t generation = 1;
  std::string path;
  std::string digest;
  std::uint64_t size = 0;
  bytes receipt;
  bool refuse_existing = false;
};

} // namespace hublink
