#include "node/requests/local_request.hpp"
#include "node/base/json_text.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "node/definition/definition_services.hpp"
#include "node/events/trace_file.hpp"
#include "node/requests/account_requests.hpp"
#include "node/requests/apply_request.hpp"
#include "node/requests/definition_requests.hpp"
#include "node/requests/event_requests.hpp"
#include "node/requests/gateway_json.hpp"
#include "node/requests/network_request.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

class control_request_state {
 public:
  static inline const char* name = "control_request";

  explicit control_request_state(control_actor::stateful_pointer<control_request_state> self) : self_(self) {}

  control_actor::behavior_type start(control_services services, const std::string& request,
                                     control_reply reply) {
    services_ = std::move(services);
    reply_ = std::move(reply);
    try {
      dispatch(json::parse(request));
    } catch (const json::exception& wrong) {
      fail({errc::bad_config, here(), std::string("malformed request: ") + wrong.what()});
    }
    return {[this](const transfer_record& record) { follow(record); }, [](const command_reply&) {}};
  }

 private:
  std::string here() const { return services_.self->node; }

  void dispatch(const json& request) {
    auto text = [&](const char* key) {
      return request.is_object() && request.contains(key) && request[key].is_string()
                 ? request[key].get<std::string>()
                 : "";
    };
    auto verb = text("verb");
    if (is_account_verb(verb)) return serve_accounts(request);
    if (services_.user) only_files_ = services_.user->files;
    for (const auto& file : request.value("only_files", json::array()))
      only_files_.insert(file.get<std::string>());
    if (verb == "send") return send(text("file"), request.value("wait", false));
    if (verb == "request")
      return ask_for({text("file"), request.value("resend", false), request.value("wait", false)});
    if (verb == "ping") return ping(text("host"));
    if (verb == "cancel") return steer(cancel_atom_v, text("transfer"));
    if (verb == "retry") return steer(retry_atom_v, text("transfer"));
    if (verb == "hold") return hold(true);
    if (verb == "release") return hold(false);
    if (verb == "status") return status();
    if (verb == "gateways") return gateways(verb, [](const auto& report) { return gateways_json(report); });
    if (verb == "streams")
      return gateways(verb, [closed = request.value("closed", false)](const auto& report) {
        return streams_json(report, closed);
      });
    if (verb == "stored") return stored();
    if (verb == "deliver") return deliver(text("transfer"));
    if (verb == "rate") return rate(text("transfer"), request.value("rate", std::uint64_t(0)));
    if (verb == "transfers") return list(request, {});
    if (verb == "history") return list(request, true);
    if (verb == "trace") return trace(text("transfer"));
    fail({errc::bad_config, here(), "unknown command '" + verb + "'"});
  }

  void send(const std::string& file, bool wait) {
    self_->request(services_.supervisor, caf::infinite, send_atom_v, file)
        .then(
            [this, wait](const transfer_record& record) {
              if (!wait) return finish(json{{"record", to_json(record)}, {"exit", 0}});
              reply_(to_line(json{{"record", to_json(record)}}), false);
              watch(record.transfer);
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  void ask_for(const request_order& order) {
    self_->request(services_.supervisor, caf::infinite, request_atom_v, order, watcher_actor{self_})
        .then(
            [this, order](const transfer_record& record) {
              json line{{"record", to_json(record)}};
              if (order.follow && !is_final(record.state)) return reply_(to_line(line), false);
              line["exit"] = is_final(record.state) ? exit_code(record) : 0;
              finish(line);
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  void serve_accounts(const json& request) {
    if (!services_.users)
      return fail({errc::bad_config, here(), here() + " is no server: it has no accounts"});
    auto reply = reply_;
    serve_account_request(*services_.users, services_.by, request, [reply, node = here()](outcome<json> got) {
      if (got) (*got)["exit"] = 0;
      reply(to_line(got ? *got : failed_answer(got.error(), node)), true);
    });
    self_->quit();
  }

  bool may_touch(const std::string& file) const { return only_files_.empty() || only_files_.count(file) > 0; }

  void watch(const transfer_id& transfer) {
    self_->request(services_.supervisor, caf::infinite, watch_atom_v, transfer, watcher_actor{self_})
        .then(
            [this, transfer](bool active) {
              if (!active) show_ended(transfer);
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  // It may have ended before it could be watched.
  void show_ended(const transfer_id& transfer) {
    transfer_query query;
    query.transfer = transfer;
    self_->request(services_.supervisor, caf::infinite, query)
        .then(
            [this](const std::vector<transfer_record>& found) {
              if (found.empty()) return fail({errc::failed, here(), "the transfer is not in the journal"});
              follow(found.front());
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  void follow(const transfer_record& record) {
    json line{{"record", to_json(record)}};
    if (!is_final(record.state)) return reply_(to_line(line), false);
    line["exit"] = exit_code(record);
    finish(line);
  }

  template <class Atom>
  void steer(Atom what, const transfer_id& transfer) {
    if (only_files_.empty()) return steer_known(what, transfer);
    transfer_query query;
    query.transfer = transfer;
    self_->request(services_.supervisor, std::chrono::seconds{30}, query)
        .then(
            [this, what, transfer](const std::vector<transfer_record>& found) {
              if (!found.empty() && may_touch(found.front().file)) return steer_known(what, transfer);
              fail({errc::not_authorised, here(), "the account is limited to other transfers"});
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  template <class Atom>
  void steer_known(Atom what, const transfer_id& transfer) {
    self_->request(services_.supervisor, std::chrono::seconds{30}, what, transfer)
        .then(
            [this](const transfer_record& record) {
              finish(json{{"record", to_json(record)}, {"exit", 0}});
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  void hold(bool on) {
    self_->request(services_.supervisor, std::chrono::seconds{30}, hold_atom_v, on)
        .then(
            [this](bool held) {
              finish(json{{"held", held}, {"exit", 0}});
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  void ping(const std::string& host) {
    self_->request(services_.supervisor, std::chrono::seconds{30}, ping_host_atom_v, host)
        .then(
            [this](const ping_report& report) {
              finish(json{{"ping", to_json(report)}, {"exit", 0}});
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  void rate(const transfer_id& transfer, std::uint64_t bytes_per_second) {
    self_->request(services_.supervisor, std::chrono::seconds{30}, rate_atom_v, transfer, bytes_per_second)
        .then(
            [this, transfer](bool known) {
              if (known) return finish(json{{"exit", 0}});
              fail({errc::bad_config, here(),
                    "transfer " + transfer + " is neither queued nor running here; see hublink transfers"});
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  void status() {
    self_->request(services_.supervisor, std::chrono::seconds{30}, status_atom_v)
        .then(
            [this](const node_status& status) {
              json shape;
              shape["node"] = here();
              shape["role"] = to_string(services_.self->role);
              shape["network"] = services_.self->network;
              shape["address"] = to_string(services_.self->address);
              shape["links"] = json::array();
              for (const auto& link : status.links) shape["links"].push_back(to_json(link));
              if (status.held) shape["held"] = true;
              if (services_.definitions) shape["definition"] = definition_status(*services_.definitions);
              count_transfers(std::move(shape));
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  template <class Show>
  void gateways(const std::string& verb, Show show) {
    self_->request(services_.supervisor, std::chrono::seconds{30}, gateways_atom_v)
        .then(
            [this, verb, show](const gateway_report& report) {
              finish(json{{verb, show(report)}, {"exit", 0}});
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  void count_transfers(json shape) {
    transfer_query unfinished;
    unfinished.finished = false;
    unfinished.limit = 1'000'000;
    self_->request(services_.supervisor, std::chrono::seconds{30}, unfinished)
        .then(
            [this, shape](const std::vector<transfer_record>& found) mutable {
              auto queued = std::count_if(found.begin(), found.end(), [](const auto& one) {
                return one.state == transfer_state::queued;
              });
              shape["transfers"] = {{"queued", queued}, {"running", std::int64_t(found.size()) - queued}};
              finish(json{{"status", std::move(shape)}, {"exit", 0}});
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  void list(const json& request, std::optional<bool> finished) {
    transfer_query query;
    query.finished = finished;
    query.limit = request.value("limit", query.limit);
    query.file = request.value("file", "");
    query.transfer = request.value("transfer", "");
    query.host = request.value("host", "");
    if (request.contains("since_ms")) query.since_ms = request["since_ms"].get<std::int64_t>();
    if (request.contains("until_ms")) query.until_ms = request["until_ms"].get<std::int64_t>();
    if (auto wanted = request.value("state", ""); !wanted.empty()) {
      query.state = transfer_state_from_string(wanted);
      if (!query.state) return fail({errc::bad_config, here(), "there is no state '" + wanted + "'"});
    }
    self_->request(services_.supervisor, std::chrono::seconds{30}, query)
        .then(
            [this](const std::vector<transfer_record>& found) {
              auto all = json::array();
              for (const auto& record : found)
                if (may_touch(record.file)) all.push_back(to_json(record));
              finish(json{{"transfers", std::move(all)}, {"exit", 0}});
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  void ask_store(std::function<void(std::vector<stored_transfer>)> then) {
    self_->request(services_.supervisor, std::chrono::seconds{30}, spools_atom_v)
        .then(
            [this, then](std::vector<stored_transfer>& found) {
              std::erase_if(found, [this](const auto& one) { return !may_touch(one.file); });
              then(std::move(found));
            },
            [this](const caf::error& no) { fail(to_failure(no, here())); });
  }

  void stored() {
    ask_store([this](const std::vector<stored_transfer>& found) {
      auto all = json::array();
      for (const auto& one : found) all.push_back(to_json(one));
      finish(json{{"stored", std::move(all)}, {"exit", 0}});
    });
  }

  void deliver(const transfer_id& transfer) {
    ask_store([this, transfer](const std::vector<stored_transfer>& found) {
      bool hidden =
          std::none_of(found.begin(), found.end(), [&](const auto& one) { return one.transfer == transfer; });
      if (hidden && !only_files_.empty())
        return fail({errc::not_authorised, here(), "the account is limited to other transfers"});
      self_->request(services_.supervisor, std::chrono::seconds{30}, deliver_atom_v, transfer)
          .then(
              [this](const stored_transfer& one) {
                finish(json{{"stored", to_json(one)}, {"exit", 0}});
              },
              [this](const caf::error& no) { fail(to_failure(no, here())); });
    });
  }

  void trace(const transfer_id& transfer) {
    auto events = read_trace(services_.data / "events.jsonl", transfer);
    auto of_others = [this](const json& event) {
      return event.contains("file") && !may_touch(event["file"]);
    };
    auto of_mine = [this](const json& event) { return event.contains("file") && may_touch(event["file"]); };
    bool hidden = !only_files_.empty() && (std::any_of(events.begin(), events.end(), of_others) ||
                                           std::none_of(events.begin(), events.end(), of_mine));
    if (hidden) events = json::array();
    number_times(events);
    finish(json{{"trace", std::move(events)}, {"exit", 0}});
  }

  void fail(const failure& why) { finish(failed_answer(why, here())); }

  void finish(const json& line) {
    reply_(to_line(line), true);
    self_->quit();
  }

  control_actor::stateful_pointer<control_request_state> self_;
  control_services services_;
  control_reply reply_;
  std::set<std::string> only_files_; ///< a user's limit; empty: none
};

} // namespace

control_actor spawn_control_request(caf::actor_system& system, control_services services, std::string request,
                                    control_reply reply) {
  auto parsed = json::parse(request, nullptr, false);
  if (parsed.is_object() && is_network_request(*services.self.now(), parsed))
    return spawn_network_request(system, std::move(services), parsed, std::move(reply));
  if (parsed.is_object() && field_text(parsed, "verb") == "apply")
    return spawn_apply_request(system, std::move(services), parsed, std::move(reply));
  if (parsed.is_object() && is_definition_verb(field_text(parsed, "verb")))
    return spawn_definition_request(system, std::move(services), parsed, std::move(reply));
  if (parsed.is_object() && services.events && field_text(parsed, "verb") == "events")
    return spawn_event_poll(system, std::move(services), parsed, std::move(reply));
  if (parsed.is_object() && services.when_read && field_text(parsed, "verb") == "feed")
    return spawn_event_feed(system, std::move(services), parsed, std::move(reply));
  auto behavior = [](control_actor::stateful_pointer<control_request_state> self, control_services services,
                     const std::string& request, control_reply reply) {
    return self->state.start(std::move(services), request, std::move(reply));
  };
  return system.spawn(behavior, std::move(services), std::move(request), std::move(reply));
}

} // namespace hublink
