#include "node/topology/transfer_policy_json.hpp"
#include "node/base/byte_amounts.hpp"

#include <algorithm>
#include <type_traits>

namespace hublink {

namespace {

using holder = policy_holder;
using policy_value = nlohmann::ordered_json;

constexpr int longest_store_s = 366 * 86'400;

/// The member at the end of a path of members.
template <auto First, auto... Rest>
auto& member(auto& whole) {
  if constexpr (sizeof...(Rest) == 0)
    return whole.*First;
  else
    return member<Rest...>(whole.*First);
}

template <auto... Path>
using member_type = std::remove_reference_t<decltype(member<Path...>(std::declval<transfer_policy&>()))>;

/// `false`, `20`, `xxh128`: a value without quotes.
std::string plain_text(const policy_value& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

template <auto... Path, class Read>
policy_field field_of(policy_field row, Read read) {
  row.read = [key = row.key, read](json_fields& fields, transfer_policy& into) {
    auto value = read(fields, key);
    if (value) member<Path...>(into) = *value;
    return value.has_value();
  };
  row.copy = [](const transfer_policy& from, transfer_policy& into) {
    member<Path...>(into) = member<Path...>(from);
  };
  if (!row.write) row.write = [](const transfer_policy& policy) { return member<Path...>(policy); };
  if (row.fallback.empty()) row.fallback = plain_text(row.write({}));
  return row;
}

template <auto... Path>
policy_field number_field(int least, int most, policy_field row) {
  row.bounds = std::to_string(least) + " to " + std::to_string(most);
  return field_of<Path...>(std::move(row), [least, most](json_fields& fields, const std::string& key) {
    return fields.number(key, least, most);
  });
}

template <auto... Path>
policy_field flag_field(policy_field row) {
  row.bounds = "false, true";
  return field_of<Path...>(std::move(row),
                           [](json_fields& fields, const std::string& key) { return fields.flag(key); });
}

/// Bytes per second; 0, which nobody can write, is no limit.
template <auto... Path>
policy_field rate_field(policy_field row) {
  row.bounds = byte_rate_text(least_rate) + " to " + byte_rate_text(most_rate);
  row.fallback = "none";
  return field_of<Path...>(std::move(row),
                           [](json_fields& fields, const std::string& key) { return fields.byte_rate(key); });
}

template <auto... Path>
policy_field choice_field(json_fields::choices<member_type<Path...>> choices, policy_field row) {
  for (const auto& [name, meaning] : choices)
    row.bounds += (row.bounds.empty() ? "" : ", ") + std::string{name};
  row.write = [choices](const transfer_policy& policy) -> policy_value {
    return std::find_if(choices.begin(), choices.end(),
                        [&](const auto& choice) { return choice.second == member<Path...>(policy); })
        ->first;
  };
  return field_of<Path...>(std::move(row), [choices](json_fields& fields, const std::string& key) {
    return fields.choice<member_type<Path...>>(key, choices);
  });
}

bool always(const transfer_policy&) { return true; }
bool is_stored(const transfer_policy& policy) { return policy.store != store_policy::never; }
std::string said_with_another(const transfer_policy&) { return {}; }

std::vector<policy_field> make_policy_fields() {
  using policy = transfer_policy;
  return {
      number_field<&policy::retry, &retry_policy::count>(
          0, 1000,
          {.group = "retry",
           .key = "count",
           .told_to = {holder::sender},
           .manual =
               "further attempts in a row that bring nothing, whatever broke. 0: what was under way goes "
               "on by itself, six attempts at most",
           .is_written = always,
           .phrase =
               [](const policy& set) {
                 return "tried again " + std::to_string(set.retry.count) + " times, every " +
                        std::to_string(set.retry.every_s) + " s";
               }}),
      number_field<&policy::retry, &retry_policy::every_s>(1, 86'400,
                                                           {.group = "retry",
                                                            .key = "every_s",
                                                            .told_to = {holder::sender},
                                                            .manual = "seconds before each of them",
                                                            .is_written = always,
                                                            .phrase = said_with_another}),
      choice_field<&policy::if_exists>({{"replace", if_exists::replace}, {"refuse", if_exists::refuse}},
                                       {.key = "if_exists",
                                        .told_to = {holder::receiver},
                                        .manual = "what becomes of a file that is there already",
                                        .is_written = always,
                                        .phrase = [](const policy&) { return "refused if it exists"; }}),
      choice_field<&policy::digest>(
          {{"xxh128", digest_kind::xxh128}, {"sha256", digest_kind::sha256}},
          {.key = "digest",
           .told_to = {holder::sender},
           .manual = "checksum of the content; always `sha256` with several receivers",
           .is_written = always,
           .is_first = true}),
      number_field<&policy::priority>(least_priority, most_priority,
                                      {.key = "priority",
                                       .told_to = {holder::sender},
                                       .manual = "a queued transfer of higher priority starts first",
                                       .is_written = always}),
      flag_field<&policy::preempt>({.key = "preempt",
                                    .told_to = {holder::sender},
                                    .manual = "`true`: suspends a running one of lower priority",
                                    .is_written = always,
                                    .phrase = [](const policy&) { return "preempts"; }}),
      rate_field<&policy::rate>(
          {.key = "rate",
           .told_to = {holder::sender},
           .manual = "`\"20MB/s\"`, or bytes per second, as sent; below the node's own limit",
           .phrase = [](const policy& set) { return "at most " + byte_rate_text(set.rate); }}),
      choice_field<&policy::stop_others>(
          {{"continue", false}, {"stop_others", true}},
          {.key = "on_error",
           .told_to = {holder::sender},
           .manual =
               "several receivers. `stop_others`: once one has failed, those that have not published it "
               "get it no more",
           .phrase = [](const policy&) { return "one failure stops the others"; }}),
      choice_field<&policy::until_spooled>(
          {{"all", false}, {"spooled", true}},
          {.key = "complete_when",
           .told_to = {holder::sender},
           .manual =
               "several receivers. `spooled`: the transfer is complete, in state `spooled`, once all of it "
               "is durable at the broadcast point",
           .phrase = [](const policy&) { return "complete when spooled"; }}),
      choice_field<&policy::store>(
          {{"never", store_policy::never},
           {"when_unreachable", store_policy::when_unreachable},
           {"always", store_policy::always},
           {"only", store_policy::only}},
          {.key = "store",
           .told_to = {holder::store},
           .manual =
               "keeps the file for receivers that can't be had, at the receiver's home server (several "
               "receivers: at the broadcast point; manual: at the last server named). `when_unreachable`: "
               "for those alone, the others get it at once. `always`: the same, and the transfer is "
               "complete, in state `spooled`, once the store has it. `only`: nobody gets it before `hublink "
               "deliver ID` at that server",
           .phrase =
               [](const policy& set) {
                 return "store " + std::string{to_string(set.store)} + ", for " +
                        std::to_string(set.store_s) + " s";
               }}),
      number_field<&policy::store_s>(
          1, longest_store_s,
          {.key = "store_s",
           .told_to = {holder::store},
           .manual =
               "seconds (up to 366 days) that it is kept; who has not got it by then has failed (`expired`)",
           .is_written = is_stored,
           .phrase = said_with_another}),
  };
}

using field_rows = std::vector<const policy_field*>;

field_rows first_ones_first(field_rows rows) {
  std::stable_partition(rows.begin(), rows.end(), [](const auto* row) { return row->is_first; });
  return rows;
}

field_rows fields_for(std::optional<policy_holder> holder) {
  field_rows rows;
  for (const auto& row : policy_fields())
    if (!holder || row.is_told_to(*holder)) rows.push_back(&row);
  return rows;
}

/// Rows of one group stand together.
std::set<std::string> read_rows(const field_rows& rows, json_fields& fields, transfer_policy& into) {
  std::set<std::string> read;
  auto read_row = [&](json_fields& where, const policy_field& row) {
    if (row.read(where, into)) read.insert(row.name());
  };
  for (auto row = rows.begin(); row != rows.end();) {
    const auto& group = (*row)->group;
    if (group.empty()) {
      read_row(fields, **row++);
      continue;
    }
    auto end = std::find_if(row, rows.end(), [&](const auto* other) { return other->group != group; });
    fields.object(group, [&](json_fields& inner) {
      for (auto field = row; field != end; ++field) read_row(inner, **field);
    });
    row = end;
  }
  return read;
}

bool differs_from_default(const policy_field& row, const transfer_policy& policy) {
  return row.write(policy) != row.write({});
}

} // namespace

bool policy_field::is_told_to(policy_holder holder) const {
  return std::find(told_to.begin(), told_to.end(), holder) != told_to.end();
}

const std::vector<policy_field>& policy_fields() {
  static const auto rows = make_policy_fields();
  return rows;
}

std::set<std::string> read_policy(json_fields& fields, transfer_policy& into) {
  return read_rows(fields_for({}), fields, into);
}

void read_policy_part(json_fields& fields, policy_holder holder, transfer_policy& into) {
  read_rows(fields_for(holder), fields, into);
}

void write_policy_part(const transfer_policy& policy, policy_holder holder, nlohmann::ordered_json& into) {
  for (const auto* row : first_ones_first(fields_for(holder))) {
    if (row->is_written ? !row->is_written(policy) : !differs_from_default(*row, policy)) continue;
    auto& object = row->group.empty() ? into : into[row->group];
    object[row->key] = row->write(policy);
  }
}

transfer_policy policy_part(const transfer_policy& policy, policy_holder holder) {
  transfer_policy part;
  for (const auto* row : fields_for(holder)) row->copy(policy, part);
  return part;
}

std::string policy_text(const transfer_policy& policy, policy_holder holder, const std::string& separator) {
  std::string text;
  for (const auto* row : fields_for(holder)) {
    if (!differs_from_default(*row, policy)) continue;
    auto phrase = row->phrase ? row->phrase(policy) : row->name() + " " + plain_text(row->write(policy));
    if (!phrase.empty()) text += separator + phrase;
  }
  return text;
}

} // namespace hublink
