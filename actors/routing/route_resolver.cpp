#include "actors/routing/route_resolver.hpp"

#include <memory>
#include <utility>

namespace hublink {

route_resolver_actor::behavior_type route_resolver_state::start(environment_ptr env) {
  env_ = std::move(env);
  return {
      [this](const way_plan& plan) { return complete(plan); },
      [this](locate_atom, const std::string& name) { return locate(name); },
      [this](const resolved& got) { take(got); },
  };
}

// Two rounds: the hops towards a host depend on its address, and they have addresses of their own.
caf::result<hop_choices> route_resolver_state::complete(way_plan plan) {
  auto promise = self_->make_response_promise<hop_choices>();
  auto reply = std::make_shared<answer_promise<hop_choices>>(promise);
  auto hosts = plan.unknown_hosts();
  auto asker = plan.asker;
  ask_system(std::move(hosts), asker,
             [this, reply, asker, plan = std::move(plan)](const system_answers& of_hosts) mutable {
               plan.add_hops(of_hosts);
               auto names = names_to_dial(plan);
               ask_system(std::move(names), asker,
                          [reply, plan = std::move(plan)](const system_answers& of_hops) {
                            if (auto choices = find_choices(plan, of_hops))
                              reply->deliver(std::move(*choices));
                            else
                              reply->fail(choices.error());
                          });
             });
  return promise;
}

caf::result<endpoints> route_resolver_state::locate(const std::string& name) {
  auto self = env_->self.now();
  auto entry = where_to_dial(*self, name);
  if (!entry) return to_error({errc::no_route, self->node, name + " is no neighbour of " + self->node});
  if (entry->ask.empty()) return addresses_to_dial(*entry, {});
  auto promise = self_->make_response_promise<endpoints>();
  auto reply = std::make_shared<answer_promise<endpoints>>(promise);
  std::set<std::string> names{entry->ask.begin(), entry->ask.end()};
  ask_system(std::move(names), {}, [reply, self, name, entry = *entry](const system_answers& answers) {
    auto where = addresses_to_dial(entry, answers);
    if (where.empty()) return reply->fail(unresolved(*self, name, entry, answers));
    reply->deliver(std::move(where));
  });
  return promise;
}

void route_resolver_state::ask_system(std::set<std::string> names, const std::string& asker,
                                      asked_handler asked) {
  if (names.empty()) return asked({});
  auto number = ++last_number_;
  for (const auto& name : names) {
    auto lookup_number = ++last_number_;
    lookups_.emplace(lookup_number, lookup{number, name, asker});
    waiting_.put(asker, lookup_number);
  }
  questions_.emplace(number, question{std::move(names), {}, std::move(asked)});
  look_up_next();
}

void route_resolver_state::look_up_next() {
  auto may = [this](const std::string& asker) { return under_way_.may_take(asker, 1); };
  while (auto number = waiting_.take_if(may)) {
    const auto& next = lookups_.at(*number);
    under_way_.take(next.asker, 1);
    env_->plane.resolve(*number, next.name, weak_owner<resolve_owner>{self_});
  }
}

void route_resolver_state::take(const resolved& got) {
  auto found = lookups_.extract(got.number);
  if (!found) return;
  under_way_.give_back(found.mapped().asker, 1);
  look_up_next();
  auto& asked = questions_.at(found.mapped().question);
  asked.missing.erase(found.mapped().name);
  asked.answers.emplace(found.mapped().name, got.addresses);
  if (!asked.missing.empty()) return;
  auto whole = questions_.extract(found.mapped().question);
  whole.mapped().asked(whole.mapped().answers);
}

} // namespace hublink
