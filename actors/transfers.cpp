#include "actors/transfers.hpp"

#include <array>

namespace hublink {

namespace {
constexpr std::array<std::string_view, 8> names{"queued",      "running",    "done",   "partial",
                                                "unconfirmed", "superseded", "failed", "cancelled"};
}

std::string_view to_string(transfer_state state) { return names[static_cast<std::size_t>(state)]; }

std::optional<transfer_state> transfer_state_from_string(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<transfer_state>(i);
  return {};
}

void set_state(transfer_record& record, transfer_state state) {
  record.state = state;
  for (auto& [name, each] : record.to) each = state;
}

bool is_settled(const transfer_record& record) {
  return is_final(record.state) && record.state != transfer_state::unconfirmed;
}

bool is_final(transfer_state state) {
  return state != transfer_state::queued && state != transfer_state::running;
}

} // namespace hublink
