#include "node/base/printing.hpp"
#include "node/base/time_text.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/control_client.hpp"
#include "node/control/request_json.hpp"
#include "node/trust/certificate_list.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <memory>

namespace hublink {

using json = nlohmann::ordered_json;

namespace {

struct certificates_options {
  std::string keys, user, data;
  bool as_json = false;
};

json as_row(const listed_certificate& each) {
  json row{{"node", each.name}};
  if (each.role) row["role"] = to_string(*each.role);
  row["state"] = to_string(each.state);
  if (each.until) row["until"] = to_rfc3339(*each.until);
  if (!each.reason.empty()) row["reason"] = each.reason;
  return row;
}

/// Of what each node says of itself.
json as_row_of_status(const json& status) {
  const auto& certificate = field_object(status, "certificate");
  json row{{"node", field_text(status, "node")},
           {"role", field_text(status, "role")},
           {"state", field_text(certificate, "state", "unknown")}};
  for (const auto* name : {"until", "reason", "renews", "not_renewed"})
    if (auto text = field_text(certificate, name); !text.empty()) row[name] = text;
  return row;
}

void show_rows(const json& rows, bool as_json) {
  if (as_json) return print_json(std::cout, rows);
  for (const auto& row : rows) {
    auto until = field_text(row, "until").substr(0, 10), reason = field_text(row, "reason");
    if (reason.empty()) reason = field_text(row, "not_renewed");
    print(std::cout, "{:<20} {:<8} {:<13} {}{}\n", field_text(row, "node"), field_text(row, "role"),
          field_text(row, "state"), until.empty() ? "" : "until " + until,
          reason.empty() ? "" : (until.empty() ? "" : "; ") + reason);
  }
}

int show_folder(const certificates_options& options) {
  auto listing = list_certificates(options.keys, std::chrono::system_clock::now());
  if (!listing) {
    print(std::cerr, "hublink: {}\n", to_string(listing.error()));
    return exit_code(listing.error().code);
  }
  json rows = json::array();
  for (const auto& each : listing->nodes) rows.push_back(as_row(each));
  show_rows(rows, options.as_json);
  if (listing->ca_until) print(std::cerr, "the CA counts until {}\n", date_of(*listing->ca_until));
  return 0;
}

int show_running(const certificates_options& options) {
  control_call call;
  call.data = options.data;
  call.user = options.user;
  bool missing = false;
  int code = run_call(call, {{"verb", "status"}}, [&](const json& answer) {
    json rows = json::array();
    if (answer.contains("nodes")) {
      for (const auto& status : field_list(answer, "nodes")) rows.push_back(as_row_of_status(status));
      if (auto* own = find_field(answer, "own")) rows.push_back(as_row_of_status(*own));
      std::sort(rows.begin(), rows.end(),
                [](const json& a, const json& b) { return field_text(a, "node") < field_text(b, "node"); });
    } else {
      rows.push_back(as_row_of_status(field_object(answer, "status")));
    }
    missing = !field_list(answer, "missing").empty();
    show_rows(rows, options.as_json);
  });
  constexpr int some = 6;
  return code == 0 && missing ? some : code;
}

void set_up_certificates(CLI::App& verb, int& exit) {
  auto options = std::make_shared<certificates_options>();
  auto* keys = verb.add_option("--keys", options->keys,
                               "of this folder, as hublink keys made it, or of one node's; no node is asked")
                   ->type_name("DIR");
  verb.add_flag("--json", options->as_json, "machine-readable");
  add_user_option(verb, options->user);
  verb.add_option("--data", options->data, "the node's directory")->envname("HUBLINK_DATA")->type_name("DIR");
  verb.callback([=, &exit] {
    if (keys->count() == 0 && options->data.empty()) throw CLI::RequiredError("--keys or --data");
    exit = keys->count() > 0 ? show_folder(*options) : show_running(*options);
  });
}

constexpr std::array certificates_examples{
    command_example{"hublink certificates --keys keys", "all that were made"},
    command_example{"hublink certificates --data MGR", "at a logged-in manager: those that nodes use"},
};

} // namespace

constinit const command_row certificates_command{
    .name = "certificates",
    .does =
        "how the certificates of a network stand, and until when: of a folder of keys, of this node, or at "
        "a logged-in manager of every node",
    .set_up = set_up_certificates,
    .examples = certificates_examples};

} // namespace hublink
