#include "actors/broadcast/store_rules.hpp"

namespace hublink {

store_terms terms_of(const transfer_definition& file, std::int64_t steady_ms) {
  store_terms terms;
  terms.policy = file.policy.store;
  terms.until_ms = steady_ms + std::int64_t(file.policy.store_s) * 1000;
  terms.held_back = file.policy.store == store_policy::only;
  return terms;
}

bool is_stored(const broadcast& of) { return of.policy != store_policy::never && !of.held->offer().cancel; }

bool is_too_old(const broadcast& of, std::int64_t steady_ms) {
  return of.policy != store_policy::never && of.until_ms <= steady_ms;
}

std::vector<std::string> whose_turn(broadcast& of, const broadcast_table& among,
                                    const std::vector<std::string>& names, const std::string& here) {
  if (!is_stored(of)) return names;
  auto wait = [&](const std::string& name, const std::string& why) {
    of.board->say({.name = name, .why = {errc::stored, here, why}});
  };
  std::vector<std::string> first;
  for (const auto& name : names)
    if (of.held_back)
      wait(name, "the store keeps the file until somebody has it delivered");
    else if (among.is_first_for(of, name))
      first.push_back(name);
    else
      wait(name, "the store keeps the file behind an earlier one of the same file ID");
  return first;
}

void expire(broadcast& of, const std::string& here) {
  for (const auto& name : of.board->unsettled())
    of.board->say(
        {.name = name, .why = {errc::expired, here, "the store has kept the file for as long as it may"}});
  of.expired = true;
}

bool waits_in_store(const broadcast& of) {
  return is_stored(of) && of.held->held().complete && !of.board->unsettled().empty();
}

stored_transfer row_of(const broadcast& of) {
  auto offer = of.held->offer();
  stored_transfer row;
  row.transfer = offer.transfer;
  row.file = offer.file;
  row.from = offer.sender;
  row.size = offer.size;
  row.policy = of.policy;
  row.held_back = of.held_back;
  row.waiting = of.board->unsettled();
  row.until_ms = of.until_ms;
  return row;
}

} // namespace hublink
