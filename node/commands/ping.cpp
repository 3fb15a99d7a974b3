#include "node/base/printing.hpp"
#include "node/base/time_text.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/control/request_json.hpp"
#include "protocol/circuit/line_rate.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct ping_options {
  std::string host, time, data;
  bool as_json = false;
};

void show_hops(const json& report) {
  for (const auto& hop : field_list(report, "hops"))
    print(std::cout, "{:<20} {:>9.3f} ms\n", field_text(hop, "node"), field_amount(hop, "micros") / 1000);
  print(std::cout, "{:<20} {:>9.3f} ms in all\n", field_text(report, "host"),
        field_amount(report, "micros") / 1000);
}

double mbit(const json& line, const char* field) { return field_amount(line, field) / 1e6; }
double mib(const json& line, const char* field) { return field_amount(line, field) / (1 << 20); }

void show_line(const json& line) {
  print(std::cout, "{} to {}: {:.1f} Mbit/s, limited by {}\n", field_text(line, "from"),
        field_text(line, "to"), mbit(line, "bits_per_s"), field_text(line, "limited_by"));
  print(std::cout,
        "  round trip {:.2f} ms, {:.2f} without load; {:.3f} % lost, {} of {} segments sent again\n",
        field_amount(line, "round_trip_micros") / 1000, field_amount(line, "least_round_trip_micros") / 1000,
        field_amount(line, "lost_ppm") / 1e4, field_number(line, "retransmitted").value_or(0),
        field_number(line, "segments_out").value_or(0));
  print(std::cout, "  {}, window {:.2f} MiB, the receiver's {:.2f} MiB; cores used: {} % and {} %\n",
        field_text(line, "congestion"), mib(line, "window"), mib(line, "peer_window"),
        field_number(line, "sender_cpu_percent").value_or(0),
        field_number(line, "receiver_cpu_percent").value_or(0));
  if (line.contains("windows_carry_bits_per_s"))
    print(std::cout, "  the kernels allow windows of {:.1f} MiB: {:.0f} Mbit/s at this round trip\n",
          mib(line, "window_most"), mbit(line, "windows_carry_bits_per_s"));
  if (line.contains("advice")) print(std::cout, "  would help: {}\n", field_text(line, "advice"));
}

void show_lines(const json& report) {
  const json* narrowest = nullptr;
  const auto& lines = field_list(report, "lines");
  for (const auto& line : lines) {
    show_line(line);
    if (!narrowest || mbit(line, "bits_per_s") < mbit(*narrowest, "bits_per_s")) narrowest = &line;
  }
  if (lines.size() > 1)
    print(std::cout, "narrowest: {} to {}\n", field_text(*narrowest, "from"), field_text(*narrowest, "to"));
  if (const auto* why = find_field(report, "failed"))
    print(std::cerr, "hublink: {}\n",
          to_string(failure{errc::failed, field_text(*why, "hop"), field_text(*why, "reason")}));
}

std::string wrong_time(const std::string& text) {
  auto span = parse_span(text);
  if (!span) return span.error().text;
  return *span < least_load || *span > most_load ? "a line is loaded for 0.1s to 60s" : std::string{};
}

int run_ping(const ping_options& options) {
  control_call call;
  call.data = options.data;
  json request{{"verb", options.time.empty() ? "ping" : "measure"}, {"host", options.host}};
  if (!options.time.empty()) request["for_ms"] = parse_span(options.time)->count();
  return run_call(call, request, [&](const json& answer) {
    const auto& report = field_object(answer, options.time.empty() ? "ping" : "measured");
    if (options.as_json) return print_json(std::cout, report);
    options.time.empty() ? show_hops(report) : show_lines(report);
  });
}

void set_up_ping(CLI::App& verb, int& exit) {
  auto options = std::make_shared<ping_options>();
  verb.add_option("HOST", options->host, "a client or server of the network")->required();
  verb.add_option("--rate", options->time,
                  "load each line of the way, one after the other, for so long (10s; 60s at most), and say "
                  "what it carries and what limits it")
      ->type_name("SPAN")
      ->check(wrong_time);
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_data_option(verb, options->data);
  verb.callback([options, &exit] { exit = run_ping(*options); });
}

constexpr std::array ping_examples{
    command_example{"hublink ping HOST2 --data HOST1", "the hops to HOST2"},
    command_example{"hublink ping ServerB --rate 10s --data ServerA", "what the line to ServerB carries"},
};

} // namespace

constinit const command_row ping_command{
    .name = "ping",
    .does = "open a circuit to a host and say each hop's set-up time, or with --rate what each line carries",
    .set_up = set_up_ping,
    .examples = ping_examples};

} // namespace hublink
