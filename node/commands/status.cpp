#include "node/base/printing.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/commands/progress_line.hpp"
#include "node/control/request_json.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

void print_definition(const json& shape) {
  if (field_number(shape, "version").value_or(0) > 0 || field_flag(shape, "drift"))
    print(std::cout, "definition: {}{}\n", field_text(shape, "applied", "as it was started"),
          field_flag(shape, "drift") ? "; not the one that was applied last" : "");
  const auto& behind = field_object(shape, "behind");
  for (const auto& [node, reason] : behind.items())
    print(std::cout, "the definition of {} waits: {}\n", node, text_of(reason));
}

void print_certificate(const json& shape) {
  auto state = field_text(shape, "state", "valid");
  if (state == "expires-soon")
    print(std::cout, "certificate: expires at {}; make new keys with hublink keys\n",
          field_text(shape, "until"));
  if (auto why = field_text(shape, "not_renewed"); !why.empty())
    print(std::cout, "certificate: not renewed yet: {}\n", why);
  if (state == "ended")
    print(std::cout, "certificate: does not count any more: {}\n", field_text(shape, "reason"));
}

void print_listeners(const json& status) {
  std::string places;
  for (const auto& where : field_list(status, "listen"))
    places += (places.empty() ? "" : ", ") + text_of(where);
  if (!places.empty() && places != field_text(status, "address")) print(std::cout, "listens at {}\n", places);
  for (const auto& row : field_list(status, "not_listening"))
    print(std::cout, "{} can't listen at {}: {}; it is tried again\n", field_text(row, "name"),
          field_text(row, "listen"), field_text(row, "reason"));
}

/// What its line measured, as the rest of the link's line; empty: nothing yet.
std::string line_text(const json& link) {
  auto segments = field_number(link, "segments_out");
  if (!segments) return {};
  auto text = "; " + human_bytes(field_amount(link, "bytes_out")) + " out, " +
              human_bytes(field_amount(link, "bytes_in")) + " in";
  if (auto micros = field_amount(link, "round_trip_micros"); micros > 0)
    text += fmt::format(", round trip {:.1f} ms", micros / 1000);
  if (auto again = field_amount(link, "retransmitted"); again > 0 && *segments > 0)
    text += fmt::format(", {:.2g} % sent again", 100 * again / double(*segments));
  if (auto control = field_text(link, "congestion"); !control.empty()) text += ", " + control;
  return text;
}

void print_status(const json& status) {
  if (status.is_array()) {
    for (const auto& node : status) print_status(node);
    return;
  }
  print(std::cout, "{} ({}) at {} in {}\n", field_text(status, "node"), field_text(status, "role"),
        field_text(status, "address"), field_text(status, "network"));
  print_listeners(status);
  const auto& transfers = field_object(status, "transfers");
  print(std::cout, "transfers: {} running, {} queued{}\n", field_number(transfers, "running").value_or(0),
        field_number(transfers, "queued").value_or(0), field_flag(status, "held") ? "; held" : "");
  if (field_flag(status, "drained"))
    print(std::cout, "is being drained: takes nothing new, and ends when nothing is under way\n");
  print_definition(field_object(status, "definition"));
  print_certificate(field_object(status, "certificate"));
  for (const auto& warning : field_list(status, "warnings"))
    print(std::cout, "warning: {}\n", text_of(warning));
  for (const auto& disk : field_list(status, "disks"))
    print(std::cout, "{} does not answer{} ({})\n", field_text(disk, "place"),
          disk.contains("seconds") ? fmt::format(" since {} s", field_number(disk, "seconds").value_or(0))
                                   : "",
          field_text(disk, "doing"));
  for (const auto& part : field_list(status, "failed"))
    print(std::cout, "failed by a mistake of the program, {} times: {}: {}; see hublink.log\n",
          field_number(part, "times").value_or(1), field_text(part, "part"), field_text(part, "reason"));
  for (const auto& link : field_list(status, "links"))
    print(std::cout, "link to {} ({}): {}, {} circuits{}\n", field_text(link, "peer"),
          field_text(link, "role"), field_flag(link, "up") ? "up" : "down",
          field_number(link, "circuits").value_or(0), line_text(link));
  for (const auto& link : field_list(status, "links"))
    if (auto twin = field_text(link, "twin"); !twin.empty()) print(std::cout, "warning: {}\n", twin);
}

void set_up_status(CLI::App& verb, int& exit) {
  struct status_options {
    std::string user, data;
    bool as_json = false;
  };
  auto options = std::make_shared<status_options>();
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_user_option(verb, options->user);
  add_data_option(verb, options->data);
  verb.callback([options, &exit] {
    control_call call;
    call.data = options->data;
    call.user = options->user;
    exit = run_call(call, {{"verb", "status"}}, [&](const json& answer) {
      const auto& status =
          answer.contains("nodes") ? field_list(answer, "nodes") : field_object(answer, "status");
      if (options->as_json)
        print_json(std::cout, status);
      else
        print_status(status);
    });
  });
}

constexpr std::array status_examples{
    command_example{"hublink status --data HOST1", "this node"},
};

} // namespace

constinit const command_row status_command{
    .name = "status",
    .does = "this node, its links and its load; at a logged-in manager: every node",
    .set_up = set_up_status,
    .examples = status_examples};

} // namespace hublink
