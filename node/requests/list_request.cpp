#include "node/requests/list_request.hpp"
#include "node/requests/definition_work.hpp"

namespace hublink {

namespace {

using json = nlohmann::ordered_json;

/// For all clients together; whoever has not answered by then gets it later.
constexpr std::chrono::seconds longest_round{40};

using list_actor = control_actor::extend<caf::reacts_to<caf::tick_atom>>;

class list_request : public answering<list_request, list_actor> {
 public:
  static inline const char* name = "list_request";

  using answering::answering;

  behavior_type behavior() {
    return {[](const transfer_record&) {}, [](const command_reply&) {}, [this](caf::tick_atom) { report(); }};
  }

  void serve() {
    auto* definitions = definitions_of(*this);
    if (!definitions) return;
    auto list = text("list");
    if (list.empty())
      return finish({{"lists", json::array({own_row()})}, {"text", definitions->lists.current()}});
    if (auto taken = definitions->lists.take(list); !taken) return fail(taken.error());
    if (!hear_word(*this, *definitions)) return;
    auto push = push_of(*definitions);
    if (!push) return report();
    for (const auto& client : services().self->clients)
      if (client.name != services().by.from) hand_on(*push, client.name);
    if (waiting_.empty()) return report();
    self_->delayed_send(self_, longest_round, caf::tick_atom_v);
  }

 private:
  void hand_on(const definition_push_actor& push, const std::string& client) {
    waiting_.insert(client);
    auto told = [this, client](std::int64_t number) {
      rows_[client] = {{"node", client}, {"list", number}};
      over(client);
    };
    auto failed = [this, client](const caf::error& no) {
      auto why = to_failure(no, here());
      rows_[client] = {{"node", client}, {"code", to_string(why.code)}, {"reason", to_string(why)}};
      over(client);
    };
    self_->request(push, caf::infinite, define_atom_v, client).then(told, failed);
  }

  void over(const std::string& client) {
    waiting_.erase(client);
    if (waiting_.empty()) report();
  }

  void report() {
    for (const auto& client : waiting_)
      rows_[client] = {{"node", client},
                       {"code", to_string(errc::timed_out)},
                       {"reason", client + " does not answer (at " + here() + ")"}};
    json answer{{"lists", json::array({own_row()})}};
    for (auto& [client, row] : rows_) answer["lists"].push_back(std::move(row));
    finish(std::move(answer));
  }

  json own_row() const { return {{"node", here()}, {"list", services().definitions->lists.number()}}; }

  std::set<std::string> waiting_;    ///< clients
  std::map<std::string, json> rows_; ///< of clients
};

} // namespace

control_actor spawn_list_request(caf::actor_system& system, request_call call) {
  return spawn<list_request>(system, std::move(call));
}

} // namespace hublink
