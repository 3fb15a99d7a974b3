#include "node/requests/word_giver.hpp"
#include "node/requests/catching_up.hpp"

#include <set>

namespace hublink {

namespace {

/// A word is believed for a day: one that does not get through has many more tries.
constexpr std::chrono::hours between_words{1};

class word_giver_state {
 public:
  static inline const char* name = "word_giver";

  explicit word_giver_state(word_giver_actor::stateful_pointer<word_giver_state> self) : self_(self) {}

  word_giver_actor::behavior_type start(control_services services) {
    services_ = std::move(services);
    plan();
    return {[this](caf::tick_atom) { give(); }};
  }

 private:
  void plan() { self_->delayed_send(self_, between_words, caf::tick_atom_v); }

  void give() {
    plan();
    self_->request(*services_.node.sessions, caf::infinite, sessions_atom_v)
        .then([this](const std::vector<session_row>& rows) {
          std::set<std::string> users;
          for (const auto& row : rows)
            if (row.state == session_standing::in) users.insert(row.user);
          for (const auto& user : users) bring_up_to_date(self_->system(), services_, user);
        });
  }

  word_giver_actor::stateful_pointer<word_giver_state> self_;
  control_services services_;
};

} // namespace

word_giver_actor spawn_word_giver(caf::actor_system& system, control_services services) {
  return system.spawn([](word_giver_actor::stateful_pointer<word_giver_state> self,
                         control_services given) { return self->state.start(std::move(given)); },
                      std::move(services));
}

} // namespace hublink
