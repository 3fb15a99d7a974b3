#include "actors/routing/route_resolver.hpp"

namespace hublink {

route_resolver_actor::behavior_type route_resolver_state::start(environment_ptr env) {
  env_ = std::move(env);
  return {
      [this](const open& told) {
        auto reply = self_->make_response_promise<hop_choices>();
        auto number = ++last_number_;
        questions_.emplace(number, question{told, answer_to<hop_choices>{reply}, {}, {}});
        advance(number);
        return reply;
      },
      [this](const resolved& got) { take(got); },
  };
}

void route_resolver_state::advance(std::uint64_t number) {
  auto& asked = questions_.at(number);
  auto found = compute(asked);
  if (!asked.missing.empty()) {
    for (const auto& host : asked.missing) {
      auto lookup = ++last_number_;
      lookups_.emplace(lookup, std::pair{number, host});
      env_->plane.resolve(lookup, host, weak_owner<resolve_owner>{self_});
    }
    return;
  }
  if (found) {
    asked.reply.deliver(std::move(*found));
  } else {
    auto why = found.error();
    if (why.hop.empty()) why.hop = env_->self->node;
    asked.reply.fail(std::move(why));
  }
  questions_.erase(number);
}

void route_resolver_state::take(const resolved& got) {
  auto lookup = lookups_.find(got.number);
  if (lookup == lookups_.end()) return;
  auto [number, host] = lookup->second;
  lookups_.erase(lookup);
  auto& asked = questions_.at(number);
  asked.names.emplace(host, got.address);
  asked.missing.erase(host);
  if (asked.missing.empty()) advance(number);
}

outcome<hop_choices> route_resolver_state::compute(question& asked) const {
  auto self = env_->self.now();
  if (self->role != role::server) {
    auto tell = asked.told.destination;
    if (asked.told.source) tell = {*asked.told.source};
    next_hop home{self->home, self->home_address.address, self->home, chosen_by::definition, std::move(tell)};
    return hop_choices{{{hop_choice{std::move(home), self->home_address, false}}}};
  }
  auto targets = find_targets(*self, asked.told);
  if (!targets) return targets.error();
  if (targets->empty()) return failure{errc::no_route, {}, "the destination is this node itself"};
  hop_choices all;
  for (const auto& wanted : *targets) {
    auto choices = choices_for(asked, wanted);
    if (!choices) return choices.error();
    all.targets.push_back(std::move(*choices));
  }
  return all;
}

outcome<std::vector<hop_choice>> route_resolver_state::choices_for(question& asked,
                                                                   const target& wanted) const {
  std::optional<ip_address> address;
  if (wanted.needs_address) {
    auto known = address_of(asked, wanted.host);
    if (!known) return std::vector<hop_choice>{};
    if (!*known) return known->error();
    address = **known;
  }
  auto hops = find_hops(*env_->self.now(), wanted, address);
  if (!hops) return hops.error();
  std::vector<hop_choice> choices;
  for (auto& hop : *hops) choices.push_back(with_address(asked, std::move(hop)));
  return choices;
}

hop_choice route_resolver_state::with_address(question& asked, next_hop hop) const {
  hop_choice choice;
  auto self = env_->self.now();
  if (auto dial = where_to_dial(*self, hop.hop)) {
    choice.where = dial->where;
    if (dial->needs_system)
      // A system that does not know its own neighbour leaves the address of the neighbours table.
      if (auto known = address_of(asked, hop.hop); known && *known) choice.where.address = **known;
  }
  if (auto* client = self->find_client(hop.hop)) choice.dials_out = client->dials_out;
  if (!hop.address && hop.host == hop.hop) hop.address = choice.where.address;
  choice.hop = std::move(hop);
  return choice;
}

std::optional<outcome<ip_address>> route_resolver_state::address_of(question& asked,
                                                                    const std::string& host) const {
  auto self = env_->self.now();
  if (!self->system_resolver)
    if (auto own = self->hosts.find(host); own != self->hosts.end()) return outcome<ip_address>{own->second};
  if (auto known = asked.names.find(host); known != asked.names.end()) {
    if (known->second) return known->second;
    auto searched = self->system_resolver ? "the system resolver" : "the hosts table and the system resolver";
    return outcome<ip_address>{errc::no_route, "no address for " + host + ": searched " + searched};
  }
  asked.missing.insert(host);
  return {};
}

} // namespace hublink
