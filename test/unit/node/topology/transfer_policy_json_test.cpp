#include "networks.hpp"
#include "node/definition/definition_json.hpp"
#include "node/definition/definition_json_reader.hpp"
#include "node/topology/transfer_policy_json.hpp"
#include "support/catch.hpp"

#include <fstream>

using namespace hublink;
using namespace hublink::test;
using plain_json = nlohmann::json;

namespace {

/// `none`: that there is none is no value that anybody could write.
std::string as_code(const std::string& value) { return value == "none" ? value : "`" + value + "`"; }

/// A field's row in the manual: words as code, numbers and ranges as they are.
std::string manual_row(const policy_field& field) {
  bool is_word = !field.fallback.empty() && std::isalpha(static_cast<unsigned char>(field.fallback[0]));
  std::string bounds;
  for (std::size_t begin = 0; begin < field.bounds.size();) {
    auto end = std::min(field.bounds.find(", ", begin), field.bounds.size());
    auto part = field.bounds.substr(begin, end - begin);
    bounds += (bounds.empty() ? "" : ", ") + (part.find(' ') == part.npos ? as_code(part) : part);
    begin = end + 2;
  }
  return "| `" + field.name() + "` | " + (is_word ? as_code(field.fallback) : field.fallback) + " | " +
         bounds + " | " + field.manual + " |";
}

/// The rows of the table with that head, in docs/reference/topology.md.
std::vector<std::string> rows_below(const std::string& head) {
  std::ifstream manual{std::string{HUBLINK_SOURCE_DIR} + "/docs/reference/topology.md"};
  std::string line;
  while (std::getline(manual, line) && line != head) {
  }
  std::getline(manual, line); // |---|
  std::vector<std::string> rows;
  while (std::getline(manual, line) && line.starts_with('|')) rows.push_back(line);
  return rows;
}

/// `{"FIELD": value}`, in the field's group.
plain_json patch_of(const policy_field& field, const plain_json& value) {
  plain_json patch{{field.key, value}};
  return field.group.empty() ? patch : plain_json{{field.group, patch}};
}

topology_transfer transfer_with(const plain_json& patch) {
  auto text = example_with(plain_json{{"transfers", {{"FILE03", patch}}}}.dump());
  return parse_topology(text).value.transfers.at("FILE03");
}

std::string written(const policy_field& field, const transfer_policy& policy) {
  return field.write(policy).dump();
}

/// Something else than the default that may stand there.
plain_json other_value(const policy_field& field) {
  auto fallback = plain_json::parse(field.write({}).dump());
  if (fallback.is_boolean()) return !fallback.get<bool>();
  if (fallback.is_number()) return field.key == "rate" ? 5'000 : fallback.get<int>() + 1;
  return field.bounds.substr(field.bounds.rfind(' ') + 1);
}

/// What both parsers say of a value, without the path; the topology's first.
std::pair<std::string, std::string> refusals(const policy_field& field, const plain_json& value) {
  auto found =
      parse_topology(example_with(plain_json{{"transfers", {{"FILE03", patch_of(field, value)}}}}.dump()));
  auto holder = field.told_to.front();
  auto node = holder == policy_holder::sender     ? "HOST1"
              : holder == policy_holder::receiver ? "HOST2"
                                                  : "ServerB";
  auto rows = holder == policy_holder::sender     ? "sends"
              : holder == policy_holder::receiver ? "receives"
                                                  : "transfers";
  auto defined = plain_json::parse(json_of(compile(network_of(example_text()), node)).dump());
  defined[rows]["FILE03"].merge_patch(patch_of(field, value));
  auto read = read_definition_json(defined.dump(), "n", node);
  auto message = found.problems.empty() ? "" : found.problems.front().message;
  auto text = read ? "" : read.error().text;
  auto path = std::string{rows} + ".FILE03." + field.name() + ": ";
  auto place = text.find(path);
  return {message, place == text.npos ? text : text.substr(place + path.size())};
}

} // namespace

TEST_CASE("the manual has every field of a transfer's policy with its default, its bounds and its meaning") {
  auto rows = rows_below("| field | default | values | meaning |");
  std::vector<std::string> expected;
  for (const auto& field : policy_fields()) expected.push_back(manual_row(field));
  std::sort(rows.begin(), rows.end());
  std::sort(expected.begin(), expected.end());
  for (const auto& row : expected) {
    INFO("docs/reference/topology.md needs this row:\n" << row);
    CHECK(std::binary_search(rows.begin(), rows.end(), row));
  }
  for (const auto& row : rows) {
    INFO("docs/reference/topology.md has a row that no field stands behind:\n" << row);
    CHECK(std::binary_search(expected.begin(), expected.end(), row));
  }
}

TEST_CASE("every field that the topology sets comes to whom it concerns, and to nobody else") {
  for (const auto& field : policy_fields()) {
    CAPTURE(field.name());
    auto set = transfer_with(patch_of(field, other_value(field))).policy;
    CHECK(written(field, set) != written(field, {}));
    for (auto holder : {policy_holder::sender, policy_holder::receiver, policy_holder::store}) {
      auto part = policy_part(set, holder);
      CHECK((written(field, part) == written(field, set)) == field.is_told_to(holder));
      nlohmann::ordered_json shape = nlohmann::ordered_json::object();
      part.store = set.store = store_policy::only; // or a definition leaves out how long
      write_policy_part(part, holder, shape);
      auto again = plain_json::parse(shape.dump());
      problems found;
      json_fields fields{again, "", found};
      transfer_policy read;
      read_policy_part(fields, holder, read);
      fields.finish();
      CHECK(found.empty());
      CHECK((written(field, read) == written(field, set)) == field.is_told_to(holder));
    }
  }
}

TEST_CASE("a definition's reader refuses what the topology's refuses, in the same words") {
  for (const auto& field : policy_fields()) {
    std::vector<plain_json> wrong{plain_json::array(), "no such word", -1000, 1e9, 1e18, 0.5};
    if (field.write({}).is_number()) { // one beyond the bounds
      auto least = std::atoi(field.bounds.c_str()),
           most = std::atoi(field.bounds.substr(field.bounds.rfind(' ') + 1).c_str());
      if (field.key != "rate") wrong.insert(wrong.end(), {least - 1, most + 1});
    }
    for (const auto& value : wrong) {
      CAPTURE(field.name(), value.dump());
      auto [topology, definition] = refusals(field, value);
      CHECK_FALSE(topology.empty());
      CHECK(topology == definition);
    }
  }
}

TEST_CASE("only what differs from the defaults is said to people") {
  CHECK(policy_text({}, policy_holder::sender, ", ").empty());
  CHECK(policy_text({}, policy_holder::receiver, ", ").empty());
  CHECK(policy_text({}, policy_holder::store, ", ").empty());
  transfer_policy policy;
  policy.digest = digest_kind::sha256;
  policy.retry.count = 5;
  policy.priority = -3;
  policy.preempt = policy.stop_others = policy.until_spooled = true;
  policy.rate = 1500;
  policy.if_exists = if_exists::refuse;
  policy.store = store_policy::always;
  CHECK(
      policy_text(policy, policy_holder::sender, ", ") ==
      ", tried again 5 times, every 20 s, digest sha256, priority -3, preempts, at most 1500B/s, one failure "
      "stops the others, complete when spooled");
  CHECK(policy_text(policy, policy_holder::receiver, ", ") == ", refused if it exists");
  CHECK(policy_text(policy, policy_holder::store, "; ") == "; store always, for 604800 s");
}
