#include "simulation/sim/sim_commands.hpp"

#include "node/control/request_json.hpp"
#include "node/requests/serve_request.hpp"

#include <map>

namespace hublink::sim {

namespace {

class said_login : public login_dialogue {
 public:
  explicit said_login(std::string line) : line_(std::move(line)) {}

  void begin(const link_up&, next say) override { say(std::optional{line_}); }
  void take(const std::string&, next say) override { say(std::optional<std::string>{}); }

 private:
  std::string line_;
};

class echo_session : public command_session {
 public:
  echo_session(std::string node, command_service::dismissal dismiss)
      : node_(std::move(node)), dismiss_(std::move(dismiss)) {}

  void serve(std::string line, reply to) override {
    if (line == "login silent") return void(logged_in_ = true); // and nothing ends it
    const std::string_view right = "login right";
    if (line.starts_with("login") && !line.starts_with(right))
      return to("", true, failure{errc::not_authenticated, node_, "user not authenticated"});
    if (line.starts_with("login")) user_ = line.substr(right.size());
    logged_in_ = true;
    if (line == "dismiss") return dismiss_({errc::not_authenticated, node_, "the account was changed"});
    to(node_ + user_ + ": " + line, true, {});
  }
  bool logged_in() const override { return logged_in_; }

 private:
  std::string node_, user_; ///< " as USER"
  command_service::dismissal dismiss_;
  bool logged_in_ = false;
};

class operated_session : public command_session, public std::enable_shared_from_this<operated_session> {
 public:
  operated_session(world& in, control_services services, bool logged_in)
      : in_(in), services_(std::move(services)), logged_in_(logged_in) {}
  ~operated_session() override {
    for (const auto& [number, actor] : running_) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }

  bool logged_in() const override { return logged_in_; }

  void serve(std::string line, reply to) override {
    auto request = nlohmann::ordered_json::parse(line, nullptr, false);
    if (!logged_in_) {
      logged_in_ = request.is_object() && field_text(request, "password") == "right";
      if (logged_in_) return to(R"({"exit":0})", true, {});
      return to("", true, failure{errc::not_authenticated, services_.self->node, "user not authenticated"});
    }
    auto number = ++last_number_;
    auto answer = [weak = weak_from_this(), to, number](std::string text, bool last) {
      to(std::move(text), last, {});
      if (auto self = weak.lock(); self && last) self->running_.erase(number);
    };
    running_.emplace(number, serve_request(in_.system(), services_, std::move(request), std::move(answer)));
  }

 private:
  world& in_;
  control_services services_;
  bool logged_in_;
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, control_actor> running_;
};

} // namespace

login_maker login_saying(std::string line) {
  return [line = std::move(line)] { return std::make_shared<said_login>(line); };
}

outcome<> sim_commands::admits(const std::string& peer, role peer_role) const {
  bool of_home = definitions_ && peer_role == role::server;
  if (peer_role == role::manager || of_home) return {};
  return failure{errc::not_authorised, node_, peer + " is no manager"};
}

outcome<std::shared_ptr<command_session>> sim_commands::open(const link_up& over, dismissal dismiss) {
  const auto& peer = over.peer;
  if (auto may = admits(peer, over.peer_role); !may) return may.error();
  bool of_home = definitions_ && over.peer_role == role::server;
  if (!definitions_)
    return std::shared_ptr<command_session>{std::make_shared<echo_session>(node_, std::move(dismiss))};
  return std::shared_ptr<command_session>{
      std::make_shared<operated_session>(in_, definitions_->services(peer), of_home)};
}

} // namespace hublink::sim
