#include "node/commands/transfer_choice.hpp"

#include "node/base/printing.hpp"
#include "node/control/request_json.hpp"
#include "protocol/base/bytes.hpp"

#include <algorithm>
#include <iostream>
#include <set>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t id_length = 32, time_length = 12, short_length = 8, least_part = 4;
constexpr std::uint32_t most_looked_at = 100'000;

bool is_part_of_id(std::string_view text) {
  return text.size() >= least_part && text.size() < id_length &&
         text.find_first_not_of("0123456789abcdef") == text.npos;
}

} // namespace

std::string short_id(std::string_view transfer) {
  return std::string{transfer.size() == id_length ? transfer.substr(time_length, short_length) : transfer};
}

bool names_transfer(std::string_view part, std::string_view transfer) {
  return transfer.starts_with(part) ||
         (transfer.size() == id_length && transfer.substr(time_length).starts_with(part));
}

outcome<std::string> chosen_transfer(const control_call& call, const std::string& part, const char* listing) {
  if (!is_part_of_id(part)) return part;
  json request{{"verb", listing}};
  if (listing == std::string_view{"transfers"}) request["limit"] = most_looked_at;
  auto answer = call_node(call, request);
  if (!answer) return answer.error();
  std::set<std::string> meant;
  for (const auto* rows : {"transfers", "stored"})
    for (const auto& row : field_list(*answer, rows))
      if (auto id = field_text(row, "transfer"); names_transfer(part, id)) meant.insert(id);
  if (meant.size() == 1) return *meant.begin();
  if (meant.empty())
    return failure{errc::failed,
                   {},
                   "no transfer that is known here begins with " + part + "; hublink " + listing +
                       " lists them"};
  std::string some;
  for (const auto& id : meant)
    if (some.size() < 3 * (id_length + 2)) some += (some.empty() ? "" : ", ") + id;
  return failure{
      errc::failed, {}, std::to_string(meant.size()) + " transfers begin with " + part + ": " + some};
}

std::optional<std::string> choose_transfer(const control_call& call, const std::string& part, int& exit,
                                           const char* listing) {
  auto chosen = chosen_transfer(call, part, listing);
  if (chosen) return *chosen;
  print(std::cerr, "hublink: {}\n", to_string(chosen.error()));
  exit = exit_code(chosen.error().code);
  return {};
}

} // namespace hublink
