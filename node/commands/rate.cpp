#include "node/base/byte_amounts.hpp"
#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/transfer_choice.hpp"

#include <nlohmann/json.hpp>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct rate_options {
  std::vector<std::string> words; ///< [ID] RATE|off
  std::string data;
};

/// Bytes per second; 0: no limit.
std::optional<std::uint64_t> wanted_rate(const std::string& text) {
  if (text == "off") return 0;
  auto rate = parse_byte_rate(text);
  return rate && *rate >= least_rate && *rate <= most_rate ? rate : std::nullopt;
}

int change_rate(const rate_options& options) {
  const auto& text = options.words.back();
  auto rate = wanted_rate(text);
  if (!rate) {
    print(std::cerr, "hublink: {} is no rate from {} to {} such as 20MB/s; off takes the limit away\n", text,
          byte_rate_text(least_rate), byte_rate_text(most_rate));
    return 2;
  }
  json request{{"verb", "rate"}, {"rate", *rate}};
  control_call call;
  call.data = options.data;
  if (options.words.size() > 1) {
    int exit = 0;
    auto transfer = choose_transfer(call, options.words.front(), exit);
    if (!transfer) return exit;
    request["transfer"] = *transfer;
  }
  return run_call(call, request, [](const json&) {});
}

void set_up_rate(CLI::App& verb, int& exit) {
  auto options = std::make_shared<rate_options>();
  verb.add_option("WORDS", options->words, "[ID] and a rate such as 20MB/s, or off")
      ->required()
      ->expected(1, 2)
      ->option_text("[ID] RATE|off");
  add_data_option(verb, options->data);
  verb.callback([options, &exit] { exit = change_rate(*options); });
}

constexpr std::array rate_examples{
    command_example{"hublink rate 20MB/s --data HOST1", "all transfers together"},
    command_example{"hublink rate ID 5MB/s --data HOST1", "one transfer"},
};

} // namespace

constinit const command_row rate_command{
    .name = "rate",
    .does =
        "how fast this node sends: one transfer until it is over, its further attempts included, or, without "
        "an ID, all transfers together until the node restarts",
    .set_up = set_up_rate,
    .examples = rate_examples};

} // namespace hublink
