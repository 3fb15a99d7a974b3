#include "node/web/web_commands.hpp"
#include "node/accounts/accounts.hpp"
#include "node/base/json_text.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "node/requests/audit_entry.hpp"
#include "node/requests/serve_request.hpp"
#include "node/web/problem.hpp"
#include "protocol/base/json_reader.hpp"

#include <algorithm>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

/// Of this node itself: a network's listing.
constexpr json_bounds own_answer{.bytes = 256 << 20, .depth = 24, .values = 32'000'000};

http_answer answer_of(const std::string& line, std::string_view list, const web_page& page,
                      const std::string& here) {
  auto read = read_json_object(line, own_answer);
  if (!read) return problem_answer(read.error());
  if (auto why = failure_in(*read, here)) return problem_answer(*why, *read);
  if (!list.empty()) take_page(*read, list, page);
  return {200, "application/json", to_line(*read), {{"Cache-Control", "no-store"}}};
}

} // namespace

struct web_commands::order {
  exchange_ptr exchange;
  const web_route* route;
  web_principal who;
  web_command command;
};

control_services web_commands::services_for(const web_principal& who) const {
  auto services = services_;
  services.user = std::make_shared<const account>(who.who);
  services.by.user = who.named;
  // A manager's own operator says whose sessions a command goes by; so does this one, for its user.
  if (!is_manager()) services.by.from = "web";
  return services;
}

outcome<> web_commands::may(const web_principal& who, const web_route& route, const std::string& file) const {
  const bool is_elsewhere = is_manager() && who.is_browser() && route.what->scope != verb_scope::here;
  if (is_elsewhere || !route.takes) return {};
  return may_command(who.who, route.what->name, *route.takes, file);
}

void web_commands::note_refused(const web_principal& who, const json& request, const failure& why) const {
  if (!services_.users) return;
  auto entry = audit_row_of({"web", who.named}, request, services_.users->now_ms());
  entry.result = to_string(why.code);
  services_.users->work([entry](account_store& store) { store.note(entry); });
}

void web_commands::run(const exchange_ptr& exchange, const web_route& route, const web_principal& who,
                       web_command command, std::shared_ptr<const secret> password) {
  if (auto fine = may(who, route, field_text(command.request, "file")); !fine) {
    note_refused(who, command.request, fine.error());
    return exchange->answer(problem_answer(fine.error()));
  }
  auto what = std::make_shared<order>(order{exchange, &route, who, std::move(command)});
  auto& request = what->command.request;
  if (is_manager()) {
    const auto& fields = route.what->fields;
    const bool has_user = route.what->scope != verb_scope::here ||
                          std::ranges::any_of(fields, [](const auto& field) { return field.name == "user"; });
    if (has_user && !who.sessions_of.empty()) request["user"] = who.sessions_of;
    if (route.what->scope != verb_scope::here && !who.is_browser() && !who.who.files.empty())
      request["only_files"] = who.who.files;
  }
  const bool takes_keys =
      std::ranges::any_of(route.what->fields, [](const auto& field) { return field.name == "keys"; });
  if (takes_keys && password) return make_keys(std::move(what), std::move(password));
  look_at_sessions(exchange, who, [self = shared_from_this(), what](bool in) {
    if (in) return self->execute(what);
    if (what->who.session) what->who.session->is_over = true;
    what->exchange->answer(
        problem_answer(failure{errc::not_authenticated, self->services_.self->node,
                               what->who.named + " is logged in at no server any more; log in again"}));
  });
}

void web_commands::make_keys(std::shared_ptr<order> what, std::shared_ptr<const secret> password) {
  logins_->make_keys(field_text(what->command.request, "user"), std::move(password),
                     [self = shared_from_this(), what](outcome<json> keys) {
                       if (!keys) return what->exchange->answer(problem_answer(keys.error()));
                       what->command.request["keys"] = *keys;
                       self->execute(what);
                     });
}

void web_commands::look_at_sessions(const exchange_ptr& exchange, const web_principal& who,
                                    std::function<void(bool in)> then) {
  if (!is_manager() || !who.is_browser()) return then(true);
  auto reply = [then = std::move(then)](const std::string& line, bool last) {
    if (!last) return;
    auto read = read_json_object(line);
    const auto& rows = read ? field_list(*read, "sessions") : json::array();
    then(std::ranges::any_of(rows, [](const json& row) { return field_text(row, "state") == "in"; }));
  };
  json request{{"verb", "sessions"}, {"user", who.sessions_of}};
  exchange->employ(serve_request(system_, services_, std::move(request), std::move(reply)));
}

void web_commands::execute(const std::shared_ptr<order>& what) {
  auto services = services_for(what->who);
  control_reply reply = [what, here = services_.self->node](const std::string& line, bool last) {
    if (last) what->exchange->answer(answer_of(line, what->route->list, what->command.page, here));
  };
  const auto& request = what->command.request;
  if (services_.users && what->route->what->takes.changes() && what->route->posts)
    reply =
        audited(*services_.users,
                note_begun(*services_.users, audit_row_of(services.by, request, services_.users->now_ms())),
                std::move(reply));
  what->exchange->employ(serve_request(system_, std::move(services), request, std::move(reply)));
}

} // namespace hublink
