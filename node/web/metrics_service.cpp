#include "node/web/metrics_service.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "node/metrics/metric_text.hpp"
#include "node/requests/serve_request.hpp"
#include "node/web/http_target.hpp"
#include "node/web/problem.hpp"
#include "node/web/web_guard.hpp"
#include "protocol/base/json_reader.hpp"

#include <map>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;
using texts = std::map<std::string, std::string>; ///< by node

constexpr json_bounds all_nodes{.bytes = 256 << 20, .depth = 8, .values = 1'000'000};

http_answer text_answer(std::string text) {
  return {200, metric_text_type, std::move(text), {{"Cache-Control", "no-store"}}};
}

void ask(caf::actor_system& system, const control_services& services, const exchange_ptr& exchange,
         json request, std::function<void(const outcome<json>& answer)> then) {
  auto reply = [then = std::move(then), here = services.self->node](const std::string& line, bool last) {
    if (!last) return;
    auto read = read_json_object(line, all_nodes);
    if (read)
      if (auto why = failure_in(*read, here)) return then(*why);
    then(read);
  };
  exchange->employ(serve_request(system, services, std::move(request), std::move(reply)));
}

/// Every node of the network, by what the manager knows.
metric_list reachable_nodes(const control_services& services, const texts& found,
                            const std::map<std::string, std::string>& missing) {
  metric_list made;
  const auto self = services.self.now();
  std::set<std::string> all{self->node};
  all.insert(self->directory.servers.begin(), self->directory.servers.end());
  for (const auto& [client, home] : self->directory.homes) all.insert(client);
  for (const auto& node : all) {
    metric_list::labels of{{"node", node}};
    if (auto why = missing.find(node); why != missing.end()) of.emplace_back("hop", why->second);
    made.gauge("hublink_node_reachable", "1: that node could be asked; else `hop` is where that failed.",
               found.count(node) > 0, of);
  }
  return made;
}

/// Of a reason `text (at hop)`.
std::string hop_in(const std::string& reason) {
  const auto at = reason.rfind("(at ");
  return at != reason.npos && reason.ends_with(')') ? reason.substr(at + 4, reason.size() - at - 5)
                                                    : std::string{};
}

http_answer network_answer(const control_services& services, const texts& own, const outcome<json>& answer) {
  auto found = own;
  std::map<std::string, std::string> missing;
  if (answer) {
    for (const auto& row : field_list(*answer, "nodes"))
      if (row.is_object()) found[field_text(row, "node")] = field_text(row, "text");
    for (const auto& row : field_list(*answer, "missing"))
      missing[field_text(row, "node")] = hop_in(field_text(row, "reason"));
  }
  return text_answer(reachable_nodes(services, found, missing).text() + joined_metrics(found));
}

/// Asks this node, then goes on with its text.
void ask_own(caf::actor_system& system, control_services services, const exchange_ptr& exchange,
             std::function<void(std::string text)> then) {
  auto reply = [exchange, then = std::move(then), here = services.self->node](const std::string& line,
                                                                              bool last) {
    if (!last) return;
    auto read = read_json_object(line, all_nodes);
    if (!read) return exchange->answer(problem_answer(read.error()));
    if (auto why = failure_in(*read, here)) return exchange->answer(problem_answer(*why));
    then(field_text(field_object(*read, "metrics"), "text"));
  };
  exchange->employ(serve_here(system, std::move(services), {{"verb", "metrics"}}, std::move(reply)));
}

} // namespace

void serve_metrics(caf::actor_system& system, const control_services& services, const exchange_ptr& exchange,
                   bool of_network, const std::string& user) {
  auto own = [&system, services, exchange, of_network, user](std::string text) {
    if (!of_network) return exchange->answer(text_answer(std::move(text)));
    texts found{{services.self->node, std::move(text)}};
    auto gather = [&system, services, exchange, found](const std::string& whose) {
      json request{{"verb", "metrics"}};
      if (!whose.empty()) request["user"] = whose;
      ask(system, services, exchange, std::move(request),
          [services, exchange, found](const outcome<json>& answer) {
            exchange->answer(network_answer(services, found, answer));
          });
    };
    if (!user.empty()) return gather(user);
    // Several may be in: any of them will do.
    ask(system, services, exchange, {{"verb", "sessions"}}, [gather](const outcome<json>& answer) {
      std::string whose;
      if (answer)
        for (const auto& row : field_list(*answer, "sessions"))
          if (whose.empty() && field_text(row, "state") == "in") whose = field_text(row, "user");
      gather(whose);
    });
  };
  ask_own(system, services, exchange, std::move(own));
}

void metrics_service::serve(const exchange_ptr& exchange) {
  const auto& request = exchange->request;
  if (auto no = refuse_host(request, hosts_)) return exchange->answer(std::move(*no));
  auto target = read_target(request.target);
  const bool of_network =
      target && target->path == "/metrics/network" && services_.self->role == role::manager;
  if (!target || (target->path != "/metrics" && !of_network))
    return exchange->answer(problem_answer(404, "here are /metrics and, at a manager, /metrics/network"));
  if (request.method != "GET" && request.method != "HEAD")
    return exchange->answer(problem_answer(405, "this path is for GET"));
  serve_metrics(system_, services_, exchange, of_network, "");
}

} // namespace hublink
