#include "node/web/web_api.hpp"
#include "node/base/json_text.hpp"
#include "node/base/time_text.hpp"
#include "node/control/password_field.hpp"
#include "node/control/request_json.hpp"
#include "node/events/client_events.hpp"
#include "node/requests/serve_request.hpp"
#include "node/web/http_target.hpp"
#include "node/web/metrics_service.hpp"
#include "node/web/open_api.hpp"
#include "node/web/problem.hpp"
#include "node/web/static_assets.hpp"
#include "node/web/web_guard.hpp"
#include "protocol/base/json_reader.hpp"

#include <algorithm>
#include <array>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t most_of_strangers = 4 << 10, most_of_users = 4 << 20;
constexpr int most_logins_of_address = 4;
constexpr std::size_t longest_key = 200;
constexpr command_rights looking_at_all{right::view, subject::node}, drawing{right::manage, subject::node};

http_answer json_answer(const json& body) {
  return {200, "application/json", to_line(body), {{"Cache-Control", "no-store"}}};
}

std::string set_cookie(const std::string& value, std::chrono::seconds age) {
  return std::string{cookie_name} + "=" + value +
         "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(age.count());
}

http_answer wrong_method(std::string_view allowed) {
  auto no = problem_answer(405, "this path is for " + std::string{allowed});
  no.fields.emplace_back("Allow", std::string{allowed});
  return no;
}

/// What is done at the workbench, by whom, and the right that it takes.
struct workbench_deed {
  std::string_view name;
  command_rights takes;
  outcome<json> (*run)(workbench& at, const std::string& user, const json& asked);
};
constexpr workbench_deed show_places{
    "places", looking_at_all, [](workbench& at, const std::string&, const json&) { return at.places(); }};
constexpr workbench_deed keep_places{
    "places/keep", drawing,
    [](workbench& at, const std::string&, const json& asked) { return at.keep_places(asked); }};
constexpr workbench_deed show_draft{
    "draft", drawing, [](workbench& at, const std::string& user, const json&) { return at.draft_of(user); }};
constexpr workbench_deed keep_draft{
    "draft/keep", drawing,
    [](workbench& at, const std::string& user, const json& asked) { return at.keep_draft(user, asked); }};

bool looks_only(const http_request& request) { return request.method == "GET" || request.method == "HEAD"; }

} // namespace

web_api::web_api(asio::io_context& context, web_thread thread, caf::actor_system& system,
                 control_services services, std::set<std::string> hosts)
    : context_(context), thread_(std::move(thread)), system_(system), services_(std::move(services)),
      hosts_(std::move(hosts)), logins_(std::make_shared<web_login>(system, services_)),
      commands_(std::make_shared<web_commands>(system, services_, logins_)),
      events_(context, thread_, system), workbench_(services_.data / "console") {}

void web_api::stop() {
  logins_->stop();
  events_.stop();
}

std::size_t web_api::most_body(const http_request& head) {
  auto found = find_principal(head, sessions_, services_.tokens, false);
  return std::holds_alternative<web_principal>(found) ? most_of_users : most_of_strangers;
}

std::optional<web_principal> web_api::principal(const exchange_ptr& exchange, bool uses) {
  auto found = find_principal(exchange->request, sessions_, services_.tokens, uses);
  if (auto* who = std::get_if<web_principal>(&found)) return std::move(*who);
  exchange->answer(std::move(std::get<http_answer>(found)));
  return {};
}

std::span<const web_api::own_path> web_api::own_paths() {
  static constexpr std::array all{
      own_path{"/api/v1/login", "POST", &web_api::log_in},
      own_path{"/login", "POST", &web_api::log_in},
      own_path{"/api/v1/logout", "POST", &web_api::log_out},
      own_path{"/logout", "POST", &web_api::log_out},
      own_path{"/api/v1/account", "GET", &web_api::show_account},
      own_path{"/api/v1/events", "GET", &web_api::show_events},
      own_path{"/api/v1/places", "GET", &web_api::use_workbench<&show_places>},
      own_path{"/api/v1/places/keep", "POST", &web_api::use_workbench<&keep_places>},
      own_path{"/api/v1/draft", "GET", &web_api::use_workbench<&show_draft>},
      own_path{"/api/v1/draft/keep", "POST", &web_api::use_workbench<&keep_draft>},
      own_path{"/metrics", "GET", &web_api::show_metrics<false>},
      own_path{"/metrics/network", "GET", &web_api::show_metrics<true>},
      own_path{"/api/v1/openapi.json", "GET", &web_api::show_open_api}};
  return all;
}

void web_api::serve(const exchange_ptr& exchange) {
  const auto& request = exchange->request;
  if (auto no = refuse_host(request, hosts_)) return exchange->answer(std::move(*no));
  auto target = read_target(request.target);
  if (!target)
    return exchange->answer(problem_answer(400, "the path is none that this server has, in any reading"));
  serve_path(exchange, *target);
}

void web_api::serve_path(const exchange_ptr& exchange, const http_target& target) {
  const auto& request = exchange->request;
  if (auto asset = asset_answer(console_assets(), target.path, request))
    return exchange->answer(std::move(*asset));
  if (auto no = refuse_origin(request)) return exchange->answer(std::move(*no));
  const auto all = own_paths();
  auto own = std::ranges::find(all, target.path, &own_path::path);
  const auto* route = find_web_route(target.path);
  if (own == all.end() && !route)
    return exchange->answer(problem_answer(404, "there is no such path; /api/v1/openapi.json "
                                                "has those that there are"));
  const auto method = own != all.end() ? own->method : route->posts ? "POST" : "GET";
  if (request.method != method && !(method == "GET" && request.method == "HEAD"))
    return exchange->answer(wrong_method(method));
  if (!looks_only(request) && !says_json(request))
    return exchange->answer(
        problem_answer(415, "the body has to be JSON, and the field Content-Type application/json"));
  if (own != all.end()) return (this->*own->serve)(exchange);
  serve_command(exchange, target);
}

// -- commands

void web_api::serve_command(const exchange_ptr& exchange, const http_target& target) {
  const auto& route = *find_web_route(target.path);
  auto who = principal(exchange);
  if (!who) return;
  std::shared_ptr<const secret> password;
  if (route.posts) password = take_password(exchange->request.body);
  auto command =
      route.posts ? command_of_body(route, exchange->request.body) : command_of_query(route, target);
  if (!command) return exchange->answer(problem_answer(command.error()));
  if (route.what->http.after_look && command->request.contains("topology") &&
      !field_flag(command->request, "dry_run") && field_text(command->request, "hash").empty())
    return exchange->answer(problem_answer(
        {errc::bad_config, {}, "first with \"dry_run\": true, then with the hash of what that showed"}));
  auto run = [commands = commands_, &route, who = *who, command = *command,
              password](const exchange_ptr& to) { commands->run(to, route, who, command, password); };
  const auto key = route.what->http.once ? exchange->request.field("idempotency-key") : std::nullopt;
  if (!key) return run(exchange);
  serve_once(exchange, std::string{*key}, *who, run);
}

// Whoever hangs up asks again: what the first one began has to be known by then. So it goes on.
void web_api::serve_once(const exchange_ptr& exchange, const std::string& key, const web_principal& who,
                         const std::function<void(const exchange_ptr&)>& run) {
  if (key.empty() || key.size() > longest_key)
    return exchange->answer(problem_answer(400, "an Idempotency-Key has 1 to 200 bytes"));
  const auto whose = who.named + "\n" + key;
  const auto content = web_hash(exchange->request.body);
  if (auto known = sends_->begin(whose, content, std::chrono::steady_clock::now()))
    return exchange->answer(std::move(*known));
  web_exchange::handler to{[exchange, whose, sends = sends_](const http_answer& answer) {
                             sends->settle(whose, answer);
                             exchange->answer(answer);
                           },
                           {}};
  run(std::make_shared<web_exchange>(exchange->request, exchange->from, std::move(to)));
}

// -- logging in and out

void web_api::log_in(const exchange_ptr& exchange) {
  auto& request = exchange->request;
  auto password = take_password(request.body);
  auto body = read_json_object(request.body);
  if (!body) return exchange->answer(problem_answer(400, "a login is {\"user\": …, \"password\": …}"));
  auto& under_way = logging_in_[exchange->from];
  if (under_way >= most_logins_of_address)
    return exchange->answer(problem_answer(429, "logins from this address are being checked already"));
  ++under_way;
  auto then = [weak = std::weak_ptr(self_), thread = thread_, exchange](web_login::result made) {
    thread.post([weak, exchange, made = std::move(made)] {
      if (auto self = weak.lock()) (*self)->conclude_login(exchange, made);
    });
  };
  // Not the exchange's: who hangs up and guesses again would have his guess for nothing.
  static_cast<void>(
      logins_->begin(field_text(*body, "user"), std::move(password), exchange->from, std::move(then)));
}

void web_api::conclude_login(const exchange_ptr& exchange, const web_login::result& made) {
  if (auto found = logging_in_.find(exchange->from); found != logging_in_.end() && --found->second <= 0)
    logging_in_.erase(found);
  json more;
  if (made.sessions) more["sessions"] = *made.sessions;
  if (!made.session) return exchange->answer(problem_answer(made.why, more));
  auto cookie = sessions_.add(made.session, std::chrono::steady_clock::now());
  auto shown = account_json(*made.session);
  if (made.sessions) shown["sessions"] = *made.sessions;
  auto answer = json_answer(shown);
  answer.fields.emplace_back("Set-Cookie", set_cookie(cookie, web_sessions::longest));
  exchange->answer(std::move(answer));
}

json web_api::account_json(const web_session& session) const {
  const auto self = services_.self.now();
  json shown{{"user", session.shown.name}, {"rights", json::array()}, {"here", json::array()}};
  for (auto each : session.shown.rights) shown["rights"].push_back(to_string(each));
  for (auto each : session.who.rights) shown["here"].push_back(to_string(each));
  shown["transfers"] = session.shown.files;
  shown["csrf"] = session.csrf;
  shown["idle_s"] = std::chrono::seconds{web_sessions::idle}.count();
  shown["until"] = to_rfc3339(std::chrono::system_clock::now() +
                              std::chrono::duration_cast<std::chrono::system_clock::duration>(
                                  session.until - std::chrono::steady_clock::now()));
  shown.update({{"node", self->node}, {"role", to_string(self->role)}, {"network", self->network}});
  return shown;
}

void web_api::show_account(const exchange_ptr& exchange) {
  auto who = principal(exchange);
  if (!who) return;
  if (who->session) return exchange->answer(json_answer(account_json(*who->session)));
  web_session as_token; // what a program may, in the same words
  as_token.who = as_token.shown = who->who;
  auto shown = account_json(as_token);
  for (auto key : {"csrf", "idle_s", "until"}) shown.erase(key);
  exchange->answer(json_answer(shown));
}

void web_api::log_out(const exchange_ptr& exchange) {
  auto who = principal(exchange);
  if (!who) return;
  if (!who->session)
    return exchange->answer(problem_answer(400, "a token is not logged in; hublink tokens remove ends it"));
  auto body = exchange->request.body.empty() ? outcome<json>{json::object()}
                                             : read_json_object(exchange->request.body);
  if (!body) return exchange->answer(problem_answer(400, "the body is no JSON object"));
  sessions_.end(session_cookie(exchange->request));
  if (field_flag(*body, "sessions") && services_.self->role == role::manager)
    return end_sessions(exchange, *who);
  auto answer = json_answer(json::object());
  answer.fields.emplace_back("Set-Cookie", set_cookie("", std::chrono::seconds{0}));
  exchange->answer(std::move(answer));
}

void web_api::end_sessions(const exchange_ptr& exchange, const web_principal& who) {
  auto reply = [exchange](const std::string& line, bool last) {
    if (!last) return;
    auto read = read_json_object(line);
    json shown = json::object();
    if (read) shown["sessions"] = field_list(*read, "sessions");
    auto answer = json_answer(shown);
    answer.fields.emplace_back("Set-Cookie", set_cookie("", std::chrono::seconds{0}));
    exchange->answer(std::move(answer));
  };
  exchange->employ(
      serve_request(system_, services_, {{"verb", "logout"}, {"user", who.sessions_of}}, std::move(reply)));
}

// -- for who draws

// Small files, seldom: the thread of all requests has the time.
template <auto deed>
void web_api::use_workbench(const exchange_ptr& exchange) {
  auto who = principal(exchange);
  if (!who) return;
  if (services_.self->role != role::manager)
    return exchange->answer(problem_answer(404, "places on the map and drafts are kept at a manager"));
  if (auto fine = may_command(who->who, deed->name, deed->takes, ""); !fine)
    return exchange->answer(problem_answer(fine.error()));
  auto asked = exchange->request.body.empty() ? outcome<json>{json::object()}
                                              : read_json_object(exchange->request.body);
  if (!asked) return exchange->answer(problem_answer(400, "the body is no JSON object"));
  auto done = deed->run(workbench_, who->named, *asked);
  exchange->answer(done ? json_answer(*done) : problem_answer(done.error()));
}

// -- the rest

void web_api::show_open_api(const exchange_ptr& exchange) {
  exchange->answer({200, "application/json", open_api(), {{"Cache-Control", "no-cache"}}});
}

template <bool of_network>
void web_api::show_metrics(const exchange_ptr& exchange) {
  auto who = principal(exchange);
  if (!who) return;
  const auto& metrics = *find_verb("metrics");
  if (auto fine = may_command(who->who, metrics.name, metrics.takes, ""); !fine)
    return exchange->answer(problem_answer(fine.error()));
  if (of_network && services_.self->role != role::manager)
    return exchange->answer(problem_answer(404, "the metrics of the whole network are a manager's"));
  serve_metrics(system_, services_, exchange, of_network, who->sessions_of);
}

void web_api::show_events(const exchange_ptr& exchange) {
  auto who = principal(exchange);
  if (!who) return;
  const auto target = read_target(exchange->request.target);
  std::string transfer;
  bool from_oldest = false;
  for (const auto& [name, value] : target->query)
    if (name == "transfer" && is_transfer_id(value))
      transfer = value;
    else if (name == "oldest" && (value == "true" || value == "false"))
      from_oldest = value == "true";
    else
      return exchange->answer(
          problem_answer({errc::bad_config, {}, "events takes transfer (an id) and oldest (true)"}));
  const bool is_manager = services_.self->role == role::manager;
  auto judged = who->who;
  if (who->session) judged = who->session->shown;
  const auto& events = *find_verb("events");
  if (auto fine = may_command(judged, events.name, events.takes, ""); !fine)
    return exchange->answer(problem_answer(fine.error()));
  event_reader reader;
  if (is_manager) {
    auto services = commands_->services_for(*who);
    services.user = std::make_shared<const account>(judged);
    std::string key = who->named;
    for (const auto& file : judged.files) key += "\n" + file;
    reader = events_.join(key, services, who->sessions_of);
    reader.only_transfer = transfer;
  } else {
    reader.ring =
        std::shared_ptr<event_ring>(&services_.events->own, [](event_ring*) {}); // the node's, for longer
    reader.wanted = {transfer, judged.limit()};
  }
  reader.may = still_counts(*who, services_.tokens);
  place_reader(reader, exchange->request.field("last-event-id").value_or(""), from_oldest);
  http_answer head{
      200, "text/event-stream", {}, {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}};
  exchange->stream(std::move(head), make_event_source(context_, thread_, std::move(reader)));
}

} // namespace hublink
