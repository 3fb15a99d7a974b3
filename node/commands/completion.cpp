#include "node/commands/completion.hpp"

#include "node/base/printing.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/known_files.hpp"
#include "node/commands/subcommand.hpp"
#include "node/control/request_json.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <set>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds key_patience{1000}; ///< of who presses a key

/// The option that the word before takes a value for; null: none does.
const CLI::Option* waiting_option(const CLI::App& verb, const std::string& before) {
  if (!before.starts_with("-")) return nullptr;
  const auto* option = verb.get_option_no_throw(before);
  return option && option->get_items_expected_max() > 0 ? option : nullptr;
}

/// How many positionals stand there already.
std::size_t positionals_in(const CLI::App& verb, std::span<const std::string> words) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (!words[i].starts_with("-") && (i == 0 || !waiting_option(verb, words[i - 1]))) ++count;
  return count;
}

void offer_positional(const CLI::App& verb, std::size_t place, const live_values& live,
                      std::set<std::string>& into) {
  auto all = verb.get_options([](const CLI::Option* each) { return each->get_positional(); });
  if (all.empty()) return;
  const auto* option = all[std::min(place, all.size() - 1)];
  if (place >= all.size() && option->get_items_expected_max() <= 1) return;
  for (auto& value : live(option->get_name(true))) into.insert(std::move(value));
}

/// Of `--data DIR`, or the variable.
std::string data_in(const std::vector<std::string>& line) {
  for (std::size_t i = 0; i + 1 < line.size(); ++i)
    if (line[i] == "--data") return line[i + 1];
  auto* variable = std::getenv("HUBLINK_DATA");
  return variable ? variable : "";
}

std::vector<std::string> texts_at(const std::string& data, const char* verb, const char* list,
                                  const char* field) {
  control_call call;
  call.data = data;
  call.timeout = key_patience;
  std::vector<std::string> found;
  auto take = [&](const json& rows) {
    for (const auto& row : rows)
      if (auto text = field_text(row, field); !text.empty()) found.push_back(text);
  };
  call.on_line = [&](const json& line) { take(field_list(line, list)); };
  if (auto answer = call_node(call, {{"verb", verb}})) take(field_list(*answer, list));
  return found;
}

std::vector<std::string> values_at(const std::string& data, const std::string& kind) {
  if (data.empty()) return {};
  if (kind == "ID") return texts_at(data, "transfers", "transfers", "transfer");
  control_call call;
  call.data = data;
  call.timeout = key_patience;
  auto known = ask_known_files(call);
  std::vector<std::string> found;
  if (!known) return found;
  for (const auto& each : *known)
    if (kind == "FILE")
      found.push_back(each.file);
    else if (kind == "HOST")
      found.insert(found.end(), each.others.begin(), each.others.end());
  return found;
}

} // namespace

std::vector<std::string> completions(const CLI::App& app, std::span<const std::string> words,
                                     const live_values& live) {
  const auto* verb = &app;
  auto before = words.empty() ? words : words.first(words.size() - 1);
  const std::string begun = words.empty() ? "" : words.back();
  while (!before.empty()) {
    const auto* part = find_subcommand(*verb, before.front());
    if (!part) break;
    verb = part;
    before = before.subspan(1);
  }
  std::set<std::string> offered;
  if (begun.starts_with("-")) {
    for (const auto* option : verb->get_options())
      for (const auto& name : option->get_lnames()) offered.insert("--" + name);
  } else if (before.empty() || !waiting_option(*verb, before.back())) {
    if (before.empty())
      for (const auto* part : subcommands(*verb)) offered.insert(part->get_name());
    if (verb != &app) offer_positional(*verb, positionals_in(*verb, before), live, offered);
  }
  std::vector<std::string> fitting;
  for (const auto& each : offered)
    if (each.starts_with(begun)) fitting.push_back(each);
  return fitting;
}

bool completion_is_asked(const std::vector<std::string>& line) {
  return line.size() >= 2 && line[0] == "complete" && line[1] == "--";
}

int complete_line(const CLI::App& app, const std::vector<std::string>& line) {
  auto data = data_in(line);
  auto words = std::span{line}.subspan(2);
  for (const auto& each : completions(app, words, [&](const auto& kind) { return values_at(data, kind); }))
    print(std::cout, "{}\n", each);
  return 0;
}

} // namespace hublink
