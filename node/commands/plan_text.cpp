#include "node/base/byte_amounts.hpp"
#include "node/base/printing.hpp"
#include "node/commands/plan_view.hpp"
#include "node/topology/transfer_policy_json.hpp"

#include <ostream>

namespace hublink {

namespace {

/// A label, then rows; the label stands at the first only.
class table {
 public:
  explicit table(std::ostream& out) : out_(out) {}
  void row(const std::string& label, const std::string& text) {
    print(out_, "  {:<12} {}\n", label == last_ ? "" : label, text);
    last_ = label;
  }

 private:
  std::ostream& out_;
  std::string last_;
};

std::string list_of(const std::vector<std::string>& names) {
  std::string line;
  for (const auto& name : names) line += (line.empty() ? "" : ", ") + name;
  return line;
}

/// Only where somebody set it.
std::string settings_text(const line_settings& line) {
  return line == line_settings{} ? std::string{} : ", congestion " + line.congestion;
}

void show_server(const definition& self, table& rows) {
  if (self.segments.empty()) rows.row("segment", "none");
  for (const auto& segment : self.segments) rows.row("segment", to_string(segment));
  for (const auto& each : self.neighbours)
    rows.row("neighbours", each.name + " " + to_string(each.address) + ", cost " + std::to_string(each.cost) +
                               settings_text(each.line));
  for (const auto& each : self.clients)
    rows.row("registered", each.name + " " + to_string(each.address) +
                               (each.role == role::manager ? ", manager" : "") +
                               (each.dials_out ? ", dials out" : "") + settings_text(each.line));
  if (!self.guests.empty()) rows.row("guests", list_of(self.guests));
  for (const auto& each : self.routes)
    rows.row("routes", (each.host.empty() ? to_string(each.network) : each.host) + " via " + each.via +
                           (each.explicit_route ? ", own, priority " + std::to_string(each.priority) : ""));
  rows.row("routes", "default: " + self.default_route.value_or("none"));
  for (const auto& [name, hop] : self.name_routes) {
    auto others = self.other_ways.find(name);
    rows.row("servers", name + " by " + hop +
                            (others == self.other_ways.end() ? "" : ", else " + list_of(others->second)));
  }
}

void show_client(const definition& self, table& rows) {
  rows.row("home", self.home + " " + to_string(self.home_address) + (self.dials_out ? ", dials out" : "") +
                       settings_text(self.home_line));
  for (const auto& each : self.dialled)
    rows.row("dials", each.name + " " + to_string(each.address) +
                          (each.role == role::client ? ", for direct transfers" : ""));
  for (const auto& [host, server] : self.proxies) rows.row("proxies", host + " by " + server);
}

void show_proxy(const definition& self, table& rows) {
  const auto& proxy = self.proxy;
  for (const auto& each : proxy.gateways) {
    std::string line = each.name + (each.udp ? " udp " : " tcp ") + to_string(each.deliver);
    line += each.calling == self.node ? ", listens at " + to_string(each.listen) + ", called " + each.called
                                      : ", called by " + each.calling;
    rows.row("gateways", line);
  }
  if (proxy.socks) rows.row("proxy", "SOCKS5 at " + to_string(*proxy.socks));
  if (proxy.redirect) rows.row("proxy", "redirected connections at " + to_string(*proxy.redirect));
  if (!proxy.called.empty()) rows.row("proxy", "the rest goes by " + proxy.called);
  for (const auto& each : proxy.allow) rows.row("proxy", "allows " + to_string(each));
  if (proxy.gateways.empty() && proxy.allow.empty()) rows.row("proxy", "allows nothing");
}

void show_files(const definition& self, table& rows) {
  for (const auto& [file, known] : self.transfers) {
    std::string line = known.next.empty() ? "no next host" : "next " + list_of(known.next);
    if (!known.instead.empty()) line += ", else from here to " + list_of(known.instead);
    if (!known.sender.empty()) line += "; sent by " + known.sender;
    if (!known.receivers.empty()) line += "; received by " + list_of(known.receivers);
    line += policy_text(known.policy, policy_holder::store, "; ");
    rows.row("transfers", file + ": " + line);
  }
  auto dialled = [](const std::string& name) { return name.empty() ? "" : ", dials " + name; };
  for (const auto& [file, known] : self.sends)
    rows.row("sends", file + ": " + known.path + dialled(known.dials) +
                          ", told: " + known.destination.value_or("the file alone") + ", recipients " +
                          list_of(known.recipients) + policy_text(known.policy, policy_holder::sender, ", "));
  for (const auto& [file, known] : self.receives)
    rows.row("receives", file + ": " + known.path + ", from " + known.source + dialled(known.dials) +
                             policy_text(known.policy, policy_holder::receiver, ", "));
}

std::string told_text(const open& request) {
  std::string line = "file " + request.file.value_or("(none)");
  if (!request.destination.empty()) line += ", destination " + list_of(request.destination);
  if (request.source) line += ", source " + *request.source;
  return line;
}

/// ` [route to HOST2 = 127.1.2.12]`: the table that gave the hop, and what was looked for.
std::string reason_text(const walk_step& step) {
  const auto& chosen = step.chosen;
  std::string line = " [" + std::string{to_string(chosen.by)};
  if (chosen.host != chosen.hop) line += " to " + chosen.host;
  if (chosen.host != chosen.hop && chosen.address) line += " = " + to_string(*chosen.address);
  return line + "]" + (step.fallback.empty() ? "" : ", else " + list_of(step.fallback));
}

} // namespace

void print_plan(std::ostream& out, const definition& self) {
  print(out, "{}  {}  {}\n", self.node, to_string(self.role), to_string(self.address));
  table rows{out};
  for (const auto& where : self.listen) rows.row("listens", "at " + to_string(where));
  for (const auto& address : self.bind) rows.row("dials", "from " + to_string(address));
  if (self.role == role::server)
    show_server(self, rows);
  else
    show_client(self, rows);
  if (self.system_resolver) rows.row("hosts", "by the system resolver alone");
  for (const auto& [name, address] : self.hosts)
    if (!self.system_resolver) rows.row("hosts", name + " " + to_string(address));
  if (self.proxy.enabled) show_proxy(self, rows);
  if (self.limits.rate) rows.row("limits", "all sends at most " + byte_rate_text(self.limits.rate));
  show_files(self, rows);
}

void print_plan(std::ostream& out, const transfer_plan& plan) {
  print(out, "{}: {} to {}, {}\n", plan.file, plan.transfer.from, list_of(plan.transfer.to),
        to_string(plan.transfer.placement));
  if (!plan.point.empty()) print(out, "  broadcast point: {}\n", plan.point_why);
  int number = 0;
  for (const auto& step : plan.way.steps)
    print(out, "  {}. {} dials {}{}{}\n     told: {}\n", ++number, step.node, step.chosen.hop,
          step.dialled ? " at " + to_string(*step.dialled) : "", reason_text(step), told_text(step.request));
  if (!plan.ask_system.empty())
    print(out, "  {}: names are asked of the system; assumed: it answers as the topology says\n",
          list_of(plan.ask_system));
  print(out, "  arrives at: {}\n", plan.way.arrived.empty() ? "nobody" : list_of(plan.way.arrived));
}

} // namespace hublink
