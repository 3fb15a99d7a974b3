#include "simulation/network/greedy_peer.hpp"

#include "protocol/circuit/preamble.hpp"

namespace hublink::sim {

namespace {

using namespace std::chrono_literals;

constexpr int asked_at_once = 16;
constexpr duration asks_every = 20ms;

std::string hex(world& in, int digits) {
  std::string text;
  for (; digits > 0; --digits) text += "0123456789abcdef"[in.below(16)];
  return text;
}

} // namespace

greedy_peer::greedy_peer(network& net, std::string name, const endpoint& home, std::string file)
    : net_(net), home_(home), file_(std::move(file)) {
  self_.name = std::move(name);
  self_.role = role::client;
}

void greedy_peer::ask(int circuits) {
  wanted_ = circuits;
  connect();
}

void greedy_peer::stop() {
  *alive_ = false;
  if (line_) line_.reset();
  line_ = {};
}

int greedy_peer::refused(errc code) const {
  auto found = refused_.find(code);
  return found == refused_.end() ? 0 : found->second;
}

void greedy_peer::connect() {
  self_.incarnation = net_.in().draw();
  net_.dial(self_.name, home_, false, [this, alive = alive_](outcome<stream> line) {
    if (!*alive) {
      if (line) line->reset();
      return;
    }
    if (!line) {
      net_.in().after(1s, [this, alive] {
        if (*alive && asked_ < wanted_) connect();
      });
      return;
    }
    line_ = *line;
    bytes first{tls_handshake_byte};
    auto greeting = *encode(self_);
    first.insert(first.end(), greeting.begin(), greeting.end());
    line_.write(std::move(first));
    line_.listen([this, alive](stream::news what) {
      if (!*alive) return;
      if (what == stream::news::readable) return read();
      if (what == stream::news::writable) return;
      line_.reset();
      line_ = {};
      if (asked_ < wanted_) connect();
    });
    ask_some();
  });
}

// Of what it asks for it may have a third. The number for whose share it counts is its own invention.
void greedy_peer::ask_some() {
  auto& in = net_.in();
  for (int i = 0; i < asked_at_once && line_ && asked_ < wanted_ && line_.can_write(); ++i) {
    open request;
    request.open_id = hex(in, 16);
    request.transfer = hex(in, 32);
    request.share = in.draw();
    switch (asked_++ % 3) {
    case 0:
      request.file = file_;
      break;
    case 1:
      request.file = "NOT-MINE";
      request.destination = std::vector<std::string>(200, "C1");
      break;
    default:
      request.kind = circuit_kind::ping;
      request.destination = {"C1", "C2", "C3"};
    }
    line_.write(*encode(open_request{std::uint64_t(asked_), std::move(request)}));
  }
  if (asked_ < wanted_ && line_ && !std::exchange(planned_, true))
    in.after(asks_every, [this, alive = alive_] {
      if (!*alive) return;
      planned_ = false;
      ask_some();
    });
}

void greedy_peer::read() {
  while (line_ && line_.front()) {
    auto item = line_.take();
    if (item.fin) {
      line_.reset();
      line_ = {};
      return;
    }
    auto message = decode(item.data);
    if (!message) continue;
    if (auto* pulse = std::get_if<beat>(&*message); pulse && !pulse->answer && line_.can_write())
      line_.write(*encode(beat{true}));
    auto* got = std::get_if<answer>(&*message);
    if (!got) continue;
    if (auto* no = std::get_if<failure>(&got->body))
      ++refused_[no->code];
    else
      ++opened_;
  }
}

} // namespace hublink::sim
