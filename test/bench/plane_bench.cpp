// How fast sealed transfers run between planes alone, without actors deciding: FILE goes to OUT through so
// many relays, all in this process. Prints the time to attach the circuit, and the rate.
//   plane_bench FILE OUT [RELAYS] [ROUNDS]
#include "node/files/posix_store.hpp"
#include "node/plane/io_plane.hpp"
#include "node/trust/keys.hpp"

#include "actors/link/link_interface.hpp"

#include <csignal>
#include <cstdlib>
#include <future>
#include <iostream>

using namespace hublink;
using clock_type = std::chrono::steady_clock;

namespace {

struct actor_config : caf::actor_system_config {
  actor_config() {
    add_message_types<caf::id_block::hublink>();
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 2);
  }
};

struct node {
  node_keys keys;
  std::unique_ptr<io_plane> plane;
};

template <class T>
T must(outcome<T> got) {
  if (got) return std::move(*got);
  std::cerr << to_string(got.error()) << "\n";
  std::exit(1);
}

node make_node(const std::filesystem::path& folder, const std::string& name, role kind) {
  node made;
  made.keys = must(load_keys(folder / name, name, kind, std::chrono::system_clock::now()));
  io_plane_config config;
  config.where = {*endpoint::parse("127.0.0.1:0")};
  config.own = {name,
                role::server,
                made.keys.ca_path,
                made.keys.cert_path,
                made.keys.key_path,
                made.keys.crl_path,
                made.keys.ca};
  made.plane = must(io_plane::make(config));
  made.plane->start();
  made.plane->listen({});
  return made;
}

/// A node's part in a circuit: says yes to everything.
struct part {
  io_plane& plane;
  std::shared_ptr<std::promise<void>> attached_once = std::make_shared<std::promise<void>>();
  std::shared_ptr<std::promise<ended>> over = std::make_shared<std::promise<ended>>();
  circuit_owner actor;
  circuit_id id;

  part(io_plane& at, caf::actor_system& system, bool is_relay) : plane(at) {
    actor = system.spawn(
        [&at, ready = attached_once, over = over, left = is_relay ? 2 : 1]() -> circuit_owner::behavior_type {
          auto missing = std::make_shared<int>(left);
          return {[=](attached&) {
                    if (--*missing == 0) ready->set_value();
                  },
                  [](progressed&) {}, [&at](consulted& asked) { at.resume(asked.circuit, {}); },
                  [=](ended& what) { over->set_value(what); }, [](hop_lost&) {}};
        });
    id = plane.make_circuit(weak_owner<circuit_owner>(actor));
  }
  ~part() { caf::anon_send_exit(actor, caf::exit_reason::user_shutdown); }
};

void round(caf::actor_system& system, std::vector<node>& nodes, const std::string& from,
           const std::string& to) {
  auto begin = clock_type::now();
  std::vector<std::unique_ptr<part>> way;
  for (auto& one : nodes)
    way.push_back(
        std::make_unique<part>(*one.plane, system, way.size() > 0 && way.size() + 1 < nodes.size()));
  for (auto i = nodes.size() - 1; i > 0; --i) {
    auto key = way[i]->plane.expect(way[i]->id, side::near);
    way[i - 1]->plane.attach(way[i - 1]->id, side::far, way[i]->plane.listens_at(), key);
  }
  for (auto& one : way) one->attached_once->get_future().wait();
  auto attached_at = clock_type::now();

  auto now = [] { return std::chrono::system_clock::now(); };
  posix_store files("/");
  sending_end_config sending;
  sending.offer = {"0123456789abcdef0123456789abcdef",         1, 1, 1, 0, "Node0", "FILE",
                   {"Node" + std::to_string(nodes.size() - 1)}};
  sending.file_name = "file";
  sending.self = nodes.front().keys.id;
  sending.ca = nodes.front().keys.ca;
  sending.now = now;
  receiving_end_config receiving{"Node0", "FILE", nodes.back().keys.id, nodes.back().keys.ca, now};
  way.back()->plane.run(way.back()->id, make_receiving_end(receiving), files.target(to, if_exists::replace));
  way.front()->plane.run(way.front()->id, make_sending_end(sending), files.source(from));
  auto end = way.front()->over->get_future().get();
  if (!end.result) std::cerr << to_string(end.result.error()) << "\n";
  auto seconds = std::chrono::duration<double>(clock_type::now() - attached_at).count();
  for (std::size_t i = 1; i < way.size(); ++i) way[i]->over->get_future().wait();
  std::cout << "attached in " << std::chrono::duration<double, std::milli>(attached_at - begin).count()
            << " ms, " << seconds << " s, " << double(end.content.bytes) / seconds / 1e9 << " GB/s"
            << std::endl;
}

} // namespace

int main(int count, char** words) {
  if (count < 3) return std::cerr << "usage: plane_bench FILE OUT [RELAYS] [ROUNDS]\n", 2;
  std::signal(SIGPIPE, SIG_IGN);
  auto relays = count > 3 ? std::stoul(words[3]) : 2, rounds = count > 4 ? std::stoul(words[4]) : 5;
  auto from = std::filesystem::absolute(words[1]).string(), to = std::filesystem::absolute(words[2]).string();
  auto folder = to + ".keys";
  keys_order order{folder, "bench", {}};
  for (unsigned long i = 0; i < relays + 2; ++i)
    order.nodes.emplace_back("Node" + std::to_string(i),
                             i == 0 || i == relays + 1 ? role::client : role::server);
  must(make_keys(order, std::chrono::system_clock::now()));
  actor_config config;
  caf::actor_system system(config);
  {
    std::vector<node> nodes;
    for (auto& [name, kind] : order.nodes) nodes.push_back(make_node(folder, name, kind));
    for (unsigned long i = 0; i < rounds; ++i) round(system, nodes, from, to);
  }
  std::filesystem::remove_all(folder);
}
