#include "node/requests/signer.hpp"
#include "actors/base/spawn.hpp"
#include "node/base/json_text.hpp"
#include "node/base/small_file.hpp"
#include "node/control/answer_shapes.hpp"
#include "node/control/record_json.hpp"
#include "node/control/request_json.hpp"
#include "node/definition/definition_services.hpp"
#include "node/requests/renewal_signing.hpp"
#include "node/requests/renewed_recipients.hpp"
#include "node/trust/keys.hpp"

#include <spdlog/spdlog.h>

#include <map>

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

constexpr std::chrono::seconds between_looks{1};
constexpr std::chrono::milliseconds question_waits{20'000};
/// For an answer to a question that waits so long.
constexpr std::chrono::seconds longest_question{40};
constexpr std::chrono::seconds after_failure{3}, between_looks_for_ca{30};
constexpr std::uint64_t asks_for_requests = 1, brings_answer = 2; // tags

class signer_state {
 public:
  static inline const char* name = "signer";

  explicit signer_state(signer_actor::stateful_pointer<signer_state> self) : self_(self) {}

  signer_actor::behavior_type start(control_services services) {
    services_ = std::move(services);
    recipients_.emplace(self_->system(), services_);
    plan();
    return {[this](caf::tick_atom) { look(); }, [this](const command_reply& reply) { take(reply); }};
  }

 private:
  struct server_state {
    std::string user; ///< by whose session it is asked
    std::uint64_t seen = 0;
    std::optional<std::chrono::steady_clock::time_point> asked;
  };

  void plan() { self_->delayed_send(self_, between_looks, caf::tick_atom_v); }

  void look() {
    plan();
    recipients_->look_at_own_certificate();
    if (!services_.node.sessions || (!recipients_->signs_anew() && !somebody_may_ask())) return;
    self_->request(*services_.node.sessions, std::chrono::seconds{10}, sessions_atom_v)
        .then([this](const std::vector<session_row>& rows) { ask_servers(rows); },
              [](const caf::error& no) {
                spdlog::warn("whether somebody wants to enrol can't be asked: {}",
                             to_string(to_failure(no, "")));
              });
  }

  /// Who is invited, and every node whose certificate grows old: these where the CA is.
  bool somebody_may_ask() {
    if (services_.definitions->invited->any()) return true;
    auto now = self_->clock().now();
    if (looked_for_ca_ && now - *looked_for_ca_ < between_looks_for_ca) return has_ca_;
    looked_for_ca_ = now;
    has_ca_ = bool(has_ca(*services_.definitions, services_.data));
    return has_ca_;
  }

  void ask_servers(const std::vector<session_row>& rows) {
    recipients_->bring(rows, self_->clock().now());
    auto now = self_->clock().now();
    for (const auto& row : rows) {
      auto& server = servers_[row.server];
      if (row.state != session_standing::in) {
        if (server.user == row.user) server.asked.reset(); // the question was lost with it
        continue;
      }
      if (server.asked && now - *server.asked < longest_question) continue;
      server.asked = now;
      server.user = row.user;
      give(row.server,
           json{{"verb", "enrolments"}, {"from", server.seen}, {"wait_ms", question_waits.count()}},
           asks_for_requests);
    }
  }

  void give(const std::string& server, const json& line, std::uint64_t tag) {
    self_->send(*services_.node.sessions, command_atom_v, servers_[server].user, server, to_line(line), tag,
                reply_sink{self_});
  }

  void take(const command_reply& reply) {
    if (!reply.last && !reply.why) return;
    auto answer = reply.why ? outcome<json>{*reply.why}
                            : read_answer(reply.line,
                                          reply.tag == asks_for_requests ? json_shape{answers::enrolments}
                                                                         : json_shape{},
                                          reply.target);
    auto why = answer ? failure_in(*answer, reply.target) : answer.error();
    auto& server = servers_[reply.target];
    if (why) { // asked again after the time of the question: an earlier version does not know the verb
      if (said_[reply.target] != why->text)
        spdlog::warn("nodes that want to enrol at {} are not heard: {}", reply.target, to_string(*why));
      said_[reply.target] = why->text;
      if (why->code != errc::bad_config)
        server.asked = self_->clock().now() - longest_question + after_failure;
      return;
    }
    if (reply.tag != asks_for_requests) return;
    server.asked.reset();
    for (const auto& row : field_list(*answer, "enrolments")) {
      auto number = field_number(row, "number").value_or(0);
      server.seen = number;
      judge(reply.target, number, field_text(row, "request"));
    }
  }

  void judge(const std::string& server, std::uint64_t number, const std::string& hex) {
    auto packed = from_hex(hex);
    auto request = packed
                       ? read_signing_request(*packed)
                       : outcome<signing_request>{errc::bad_message, "a signing request that can't be read"};
    auto signed_one = request ? sign(*request) : outcome<signed_keys>{request.error()};
    json line{{"verb", "enrol"}, {"number", number}};
    if (signed_one) {
      line["certificate"] = signed_one->certificate;
      line["ca"] = signed_one->ca;
      tell_signed(*request, server, signed_one->certificate);
    } else {
      line["code"] = to_string(signed_one.error().code);
      line["reason"] = signed_one.error().text;
      spdlog::warn("no certificate for a node that asks at {}: {}", server, to_string(signed_one.error()));
    }
    give(server, line, brings_answer);
  }

  void tell_signed(const signing_request& request, const std::string& server,
                   const std::string& certificate) {
    if (request.is_renewal()) {
      spdlog::info("the certificate of {} is renewed: it asked at {}", request.node, server);
      return recipients_->note(request.node, certificate);
    }
    spdlog::info("{} has its certificate: it came with its code, by way of {}", request.node, server);
    say_who_seals(request.node);
  }

  void say_who_seals(const std::string& node) {
    auto applied = services_.definitions->applied->now();
    if (applied && applied->certificates.contains(node))
      spdlog::info(
          "who sends to several, or by a store, seals for the certificate that {} had before; hublink "
          "apply brings this one to them",
          node);
  }

  outcome<signed_keys> sign(const signing_request& request) {
    auto& definitions = *services_.definitions;
    if (request.is_renewal()) return sign_renewal(definitions, services_.data, request);
    std::string ca;
    auto certificate =
        definitions.invited->redeem(request, [&](const invitation& of) -> outcome<std::string> {
          auto made =
              sign_keys({.out = services_.data, .request = request, .holder = of.role, .days = of.days},
                        definitions.wall_clock());
          if (!made) return made.error();
          return made->certificate;
        });
    if (!certificate) return certificate.error();
    auto text = read_small_file(services_.data / "ca" / "cert.pem");
    if (!text) return text.error();
    return signed_keys{*certificate, *text, {}};
  }

  signer_actor::stateful_pointer<signer_state> self_;
  control_services services_;
  std::map<std::string, server_state> servers_;
  std::map<std::string, std::string> said_; ///< by server: what the log says already
  std::optional<std::chrono::steady_clock::time_point> looked_for_ca_;
  bool has_ca_ = false;
  std::optional<renewed_recipients> recipients_;
};

} // namespace

signer_actor spawn_signer(caf::actor_system& system, control_services services) {
  return system.spawn(
      [](signer_actor::stateful_pointer<signer_state> self, control_services given) {
        note_if_it_falls(self);
        return self->state.start(std::move(given));
      },
      std::move(services));
}

} // namespace hublink
