#include "simulation/sim/sim_plane.hpp"

#include "protocol/circuit/preamble.hpp"

namespace hublink::sim {

namespace {

constexpr std::chrono::seconds visitor_limit{5};

} // namespace

sim_plane::sim_plane(network& net, hello self)
    : net_(net), node_(self.name), links_(net, self), circuits_(net, self.name) {}

sim_plane::~sim_plane() { crash(true); }

void sim_plane::listen(weak_owner<link_acceptor> acceptor) {
  if (deaf_) return;
  links_.listen(std::move(acceptor));
  net_.listen(node_, this);
}

link_id sim_plane::dial(endpoints where, std::string peer, weak_owner<link_owner> owner) {
  return deaf_ ? 0 : links_.dial(where, std::move(peer), std::move(owner));
}

void sim_plane::adopt(link_id link, weak_owner<link_owner> owner) { links_.adopt(link, std::move(owner)); }
void sim_plane::send(link_id link, link_message message) { links_.send(link, message); }
void sim_plane::hang_up(link_id link) { links_.hang_up(link); }

void sim_plane::resolve(std::uint64_t number, std::string name, weak_owner<resolve_owner> owner) {
  net_.in().after(net_.delay(), [this, number, name, owner] {
    if (deaf_) return;
    auto found = net_.names.find(name);
    if (found != net_.names.end())
      owner.tell(resolved{number, found->second});
    else
      owner.tell(resolved{number, {errc::no_route, name + " is unknown to the system resolver"}});
  });
}

circuit_id sim_plane::make_circuit(weak_owner<circuit_owner> owner) {
  return deaf_ ? 0 : circuits_.make(std::move(owner));
}

token sim_plane::expect(circuit_id circuit, side where) { return circuits_.expect(circuit, where); }

void sim_plane::attach(circuit_id circuit, side where, endpoints peer, token key) {
  circuits_.attach(circuit, where, peer, key);
}

void sim_plane::run(circuit_id circuit, std::unique_ptr<circuit_end> end,
                    std::unique_ptr<transfer_file> file) {
  circuits_.run(circuit, std::move(end), std::move(file));
}

link_id sim_plane::upgrade(circuit_id circuit, std::string peer, weak_owner<link_owner> owner) {
  if (deaf_) return 0;
  auto lent = circuits_.lend(circuit);
  auto id = links_.begin_inside(
      lent ? lent->line : stream{}, lent && lent->is_origin, std::move(peer), std::move(owner),
      [this, circuit](const outcome<>& result) { circuits_.lent_is_over(circuit, result); });
  circuits_.lent_to(circuit, [this, id](const failure& why) { links_.take_down(id, why); });
  return id;
}

std::optional<sim_circuits::lent_line> sim_plane::lend(circuit_id circuit,
                                                       std::function<void(const failure& why)> stop) {
  auto lent = circuits_.lend(circuit);
  if (lent) circuits_.lent_to(circuit, std::move(stop));
  return lent;
}

void sim_plane::resume(circuit_id circuit, verdict answer) { circuits_.resume(circuit, answer); }
void sim_plane::close(circuit_id circuit, failure why) { circuits_.close(circuit, std::move(why)); }

void sim_plane::accept(stream from) {
  auto id = net_.next_id();
  visitors_.emplace(id, from);
  from.listen([this, id](stream::news what) {
    auto found = visitors_.find(id);
    if (found == visitors_.end() || what == stream::news::writable) return;
    auto line = found->second;
    visitors_.erase(found);
    if (what == stream::news::broken) return line.forget();
    auto first = line.take();
    if (first.fin || first.data.empty()) return line.reset();
    if (first.data[0] == tls_handshake_byte)
      links_.accept(line, byte_view{first.data}.subspan(1));
    else
      circuits_.accept(line, first.data);
  });
  net_.in().after(visitor_limit, [this, id] {
    auto found = visitors_.find(id);
    if (found == visitors_.end()) return;
    found->second.reset();
    visitors_.erase(found);
  });
}

void sim_plane::crash(bool tell_peers) {
  if (std::exchange(deaf_, true)) return;
  net_.crash(node_, tell_peers);
  links_.go_deaf();
  circuits_.go_deaf();
  visitors_.clear();
}

} // namespace hublink::sim
