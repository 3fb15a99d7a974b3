#include "node/base/printing.hpp"
#include "node/base/time_text.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/transfer_table.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <vector>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct listing_options {
  std::string data, user, file, state, host, since, until, sort = "newest";
  std::uint32_t limit = 1000;
  bool as_json = false;
};

bool add_times(json& request, const listing_options& options) {
  auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  for (auto [key, text] : {std::pair{"since_ms", options.since}, {"until_ms", options.until}}) {
    if (text.empty()) continue;
    auto time = parse_time(text, now.count());
    if (!time) {
      print(std::cerr, "hublink: {}\n", to_string(time.error()));
      return false;
    }
    request[key] = *time;
  }
  return true;
}

/// They come newest first.
json sorted(const json& transfers, const std::string& how) {
  std::vector<json> rows(transfers.begin(), transfers.end());
  if (how == "oldest") std::reverse(rows.begin(), rows.end());
  if (how == "largest")
    std::stable_sort(rows.begin(), rows.end(), [](const json& a, const json& b) {
      return field_number(a, "size").value_or(0) > field_number(b, "size").value_or(0);
    });
  return rows;
}

void set_up_listing(CLI::App& verb, int& exit) {
  auto options = std::make_shared<listing_options>();
  verb.add_option("--file", options->file, "only this file ID");
  verb.add_option("--state", options->state, "only in that state");
  verb.add_option("--host", options->host, "only from or to that client");
  verb.add_option("--since", options->since,
                  "begun at this time or later: 2026-01-31T12:00:00Z, 2026-01-31, 2h (ago)");
  verb.add_option("--until", options->until, "begun before this time");
  verb.add_option("--sort", options->sort, "of those listed: newest, oldest or largest first")
      ->check(CLI::IsMember({"newest", "oldest", "largest"}))
      ->capture_default_str();
  verb.add_option("--limit", options->limit, "at most so many, newest first")->capture_default_str();
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_user_option(verb, options->user);
  add_data_option(verb, options->data);
  verb.callback([options, name = verb.get_name(), &exit] {
    control_call call;
    call.data = options->data;
    call.user = options->user;
    json request{{"verb", name},
                 {"file", options->file},
                 {"limit", options->limit},
                 {"state", options->state},
                 {"host", options->host}};
    if (!add_times(request, *options)) {
      exit = 2;
      return;
    }
    exit = run_call(call, request, [&](const json& answer) {
      auto transfers = sorted(field_list(answer, "transfers"), options->sort);
      if (options->as_json)
        print_json(std::cout, transfers);
      else
        print_transfer_table(std::cout, terminal::of_output(), transfers, std::chrono::system_clock::now());
    });
  });
}

void set_up_transfers(CLI::App& verb, int& exit) { set_up_listing(verb, exit); }
void set_up_history(CLI::App& verb, int& exit) { set_up_listing(verb, exit); }

constexpr std::array transfers_examples{
    command_example{"hublink transfers --data HOST1", "now and lately"},
};

constexpr std::array history_examples{
    command_example{"hublink history --data HOST1", "what is over"},
};

} // namespace

constinit const command_row transfers_command{
    .name = "transfers",
    .does = "transfers of this node, or at a logged-in manager of the network; running ones included",
    .set_up = set_up_transfers,
    .examples = transfers_examples};

constinit const command_row history_command{.name = "history",
                                            .does = "transfers that have ended, with their reasons",
                                            .set_up = set_up_history,
                                            .examples = history_examples};

} // namespace hublink
