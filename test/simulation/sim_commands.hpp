#pragma once
/// Who executes the commands of simulated sessions: the line `login right` logs in, any other that begins so
/// does not; what follows is echoed with the node's name.
#include "actors/command_service.hpp"

namespace hublink::sim {

class sim_commands : public command_service {
 public:
  explicit sim_commands(std::string node) : node_(std::move(node)) {}

  outcome<std::shared_ptr<command_session>> open(const std::string& peer, role peer_role,
                                                 const supervisor_actor&) override {
    if (peer_role != role::manager)
      return failure{errc::not_authorised, node_, peer + " is no manager"};
    return std::shared_ptr<command_session>{std::make_shared<session>(node_)};
  }

 private:
  class session : public command_session {
   public:
    explicit session(std::string node) : node_(std::move(node)) {}
    void serve(std::string line, reply to) override {
      if (line.starts_with("login") && line != "login right")
        return to("", true, failure{errc::not_authenticated, node_, "user not authenticated"});
      logged_in_ = true;
      to(node_ + ": " + line, true, {});
    }
    bool logged_in() const override { return logged_in_; }

   private:
    std::string node_;
    bool logged_in_ = false;
  };

  std::string node_;
};

} // namespace hublink::sim
