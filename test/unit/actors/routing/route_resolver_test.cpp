/// The actor against the pure rules: whatever a node of any role is asked for, it answers what they say.
#include "actors/base/failures.hpp"
#include "actors/base/spawn.hpp"
#include "actors/routing/route_resolver.hpp"
#include "definitions.hpp"
#include "support/catch.hpp"

#include <caf/scheduler/test_coordinator.hpp>

using namespace hublink;
using namespace hublink::test;

namespace {

using names = std::vector<std::string>;

/// A plane of which only the system resolver is asked. It answers in the order in which the test says so.
class resolving_plane final : public data_plane {
 public:
  void listen(weak_owner<link_acceptor>) override {}
  link_id dial(endpoints, std::string, weak_owner<link_owner>) override { return 0; }
  void adopt(link_id, weak_owner<link_owner>) override {}
  void send(link_id, link_message) override {}
  void hang_up(link_id) override {}
  void resolve(std::uint64_t number, std::string host, weak_owner<resolve_owner> owner) override {
    asked.push_back(host);
    auto found = known.find(host);
    auto answer =
        found == known.end() ? outcome<std::vector<ip_address>>{errc::no_route, "unknown"} : found->second;
    owner.tell(resolved{number, answer});
  }
  circuit_id make_circuit(weak_owner<circuit_owner>) override { return 0; }
  token expect(circuit_id, side) override { return {}; }
  void attach(circuit_id, side, endpoints, token) override {}
  void run(circuit_id, std::unique_ptr<circuit_end>, std::unique_ptr<transfer_file>) override {}
  link_id upgrade(circuit_id, std::string, weak_owner<link_owner>) override { return 0; }
  void limit(circuit_id, std::uint64_t) override {}
  void limit_all(std::uint64_t) override {}
  void resume(circuit_id, verdict) override {}
  void close(circuit_id, failure) override {}

  system_answers known;
  names asked;
};

class no_events final : public event_log {
 public:
  void write(const transfer_id&, const event::any&) override {}
};

class no_log final : public log_port {
 public:
  void write(const log_entry&) override {}
};

class no_files final : public file_store {
 public:
  std::unique_ptr<transfer_file> source(const std::string&) override { return {}; }
  std::unique_ptr<transfer_file> target(const std::string&, if_exists, const std::string&) override {
    return {};
  }
  outcome<file_facts> probe(const std::string&) override { return failure{}; }
};

struct testing_config : caf::actor_system_config {
  testing_config() {
    add_message_types<caf::id_block::hublink>();
    set("scheduler.policy", caf::atom("testing"));
    set("logger.verbosity", caf::atom("quiet"));
  }
};

class resolver_lab {
 public:
  explicit resolver_lab(definition first) : self(std::make_shared<const definition>(std::move(first))) {
    plane.known = {{"ServerA", std::vector{ip("127.9.1.1")}}, {"ServerB", std::vector{ip("127.9.2.1")}},
                   {"HOST1", std::vector{ip("127.9.1.11")}},  {"HOST2", std::vector{ip("127.1.3.2")}},
                   {"HOST8", std::vector{ip("127.1.3.8")}},   {"MGR", std::vector{ip("127.9.0.9")}}};
  }
  ~resolver_lab() {
    caf::anon_send_exit(resolver, caf::exit_reason::user_shutdown);
    scheduler.run();
  }

  template <class T, class... Ts>
  outcome<T> ask(Ts... question) {
    outcome<T> got{errc::failed, "no answer"};
    caf::scoped_actor asker{system, true};
    auto pending = asker->request(resolver, caf::infinite, std::move(question)...);
    scheduler.run();
    pending.receive([&](T& answer) { got = std::move(answer); },
                    [&](const caf::error& no) { got = to_failure(no, ""); });
    return got;
  }

  definition_ptr self;
  resolving_plane plane;

 private:
  testing_config config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& scheduler =
      dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  no_events events;
  no_log log;
  no_files files;
  environment_ptr env{new environment{self, plane, events, log, files, {}, {}, {}, {}, {}}};

 public:
  route_resolver_actor resolver = spawn<route_resolver_state>(system, env);
  void put_in_force(definition next) {
    env->self.replace(std::make_shared<const definition>(std::move(next)));
  }
};

std::string to_line(const next_hop& hop, const endpoints& where) {
  auto line = hop.host + " (" + (hop.address ? to_string(*hop.address) : "") + ") by " + hop.hop + " " +
              std::string{to_string(hop.by)} + " at " + to_string(where.front());
  for (const auto& name : hop.tell) line += " " + name;
  return line;
}

names to_lines(const outcome<hop_choices>& found) {
  if (!found) return {std::string{to_string(found.error().code)}};
  names lines;
  for (const auto& target : found->targets)
    for (const auto& choice : target) lines.push_back(to_line(choice.hop, choice.where));
  return lines;
}

/// By the single rules, one after the other.
names by_the_rules(const definition& self, const open& request, const system_answers& system) {
  auto answer = [&](const std::string& name) -> std::optional<ip_address> {
    auto found = system.find(name);
    return found != system.end() && found->second ? std::optional{found->second->front()} : std::nullopt;
  };
  auto targets = find_targets(self, request);
  if (!targets) return {std::string{to_string(targets.error().code)}};
  if (targets->empty()) return {"no-route"};
  names lines;
  for (const auto& wanted : *targets) {
    std::optional<ip_address> address;
    if (wanted.needs_address) {
      auto own = self.hosts.find(wanted.host);
      if (own == self.hosts.end()) return {"no-route"};
      address = self.system_resolver ? answer(wanted.host) : own->second.known_address();
    }
    auto hops = find_hops(self, wanted, address);
    if (!hops) return {std::string{to_string(hops.error().code)}};
    for (auto& hop : *hops) {
      auto dial = where_to_dial(self, hop.hop);
      REQUIRE(dial);
      endpoint where{dial->address.value_or(ip_address{}), dial->port};
      if (auto by_system = answer(hop.hop); self.system_resolver && by_system) where.address = *by_system;
      if (!hop.address && hop.host == hop.hop) hop.address = where.address;
      lines.push_back(to_line(hop, {where}));
    }
  }
  return lines;
}

} // namespace

TEST_CASE("for every role and every target the resolver answers what the rules say") {
  auto self = GENERATE(server_a(), host_1(), manager());
  self.system_resolver = GENERATE(false, true);
  self.default_route = GENERATE(std::optional<std::string>{}, std::optional<std::string>{"ServerC"});
  self.hosts["HOST8"] = ip("127.9.9.8");
  resolver_lab lab{self};
  for (const auto& traits : circuit_kinds)
    for (const auto& file : {"FILE01", "FILE02", "FILE03", "FILE09", "UNKNOWN"})
      for (const auto& host :
           {"", "ServerA", "ServerB", "ServerC", "ServerZ", "HOST1", "HOST2", "HOST8", "HOST9", "MGR"}) {
        auto request = asking(traits.kind, file);
        if (traits.tells == told_as::source && *host)
          request.source = host;
        else if (*host)
          request.destination = {host};
        CAPTURE(self.node, self.system_resolver, traits.name, file, host);
        CHECK(to_lines(lab.ask<hop_choices>(plan_origin(lab.self, request))) ==
              by_the_rules(*lab.self, request, lab.plane.known));
      }
}

TEST_CASE("the address that the system gives for a home server is dialled, at the table's port") {
  auto self = GENERATE(host_1(), manager());
  self.system_resolver = true;
  resolver_lab lab{self};
  auto request = asking(circuit_kind::ping, {}, {"HOST2"});
  CHECK(to_lines(lab.ask<hop_choices>(plan_origin(lab.self, request))) ==
        names{"ServerA (127.9.1.1) by ServerA definition at 127.9.1.1:40000 HOST2"});
  CHECK(lab.plane.asked == names{"ServerA"});
  auto located = lab.ask<endpoints>(locate_atom_v, std::string{"ServerA"});
  REQUIRE(located);
  CHECK(*located == endpoints{at("127.9.1.1:40000")});
  lab.plane.known.erase("ServerA");
  located = lab.ask<endpoints>(locate_atom_v, std::string{"ServerA"});
  REQUIRE(located);
  CHECK(*located == endpoints{at("127.1.1.1:40000")}); // the table's, where the system does not know it
  CHECK_FALSE(lab.ask<endpoints>(locate_atom_v, std::string{"HOST2"}));
}

TEST_CASE("the system is not asked for what the own tables say") {
  auto self = GENERATE(server_a(), host_1(), manager());
  resolver_lab lab{self};
  CHECK(lab.ask<hop_choices>(plan_origin(lab.self, asking(circuit_kind::ping, {}, {"HOST2"}))));
  CHECK(lab.ask<endpoints>(locate_atom_v, self.role == role::server ? std::string{"HOST1"} : self.home));
  CHECK(lab.plane.asked.empty());
}

TEST_CASE("the system is not asked for a name that the definition does not have") {
  auto self = server_a();
  self.system_resolver = GENERATE(false, true);
  resolver_lab lab{self};
  CHECK(to_lines(lab.ask<hop_choices>(plan_origin(lab.self, asking(circuit_kind::ping, {}, {"HOST8"})))) ==
        names{"no-route"});
  CHECK(lab.plane.asked.empty());
}

TEST_CASE("a plan is carried out by the definition that it was made from") {
  auto self = server_a();
  self.system_resolver = true;
  self.hosts["HOST8"] = ip("127.1.2.8");
  resolver_lab lab{self};
  auto plan = plan_origin(lab.self, transfer("FILE01", {"HOST8"}));
  auto next = server_a();
  next.routes.clear();
  next.neighbours.clear();
  lab.put_in_force(next);
  CHECK(to_lines(lab.ask<hop_choices>(plan)) ==
        names{"HOST8 (127.1.3.8) by ServerC route at 127.1.3.1:40000 HOST8"});
}
