#include "simulation/network/network.hpp"

namespace hublink::sim {

// -- connection
// ---------------------------------------------------------------------------------------------------

connection::connection(network& net, std::string dialler, std::string acceptor, bool silence_kills)
    : net_(net), names_{std::move(dialler), std::move(acceptor)}, silence_kills_(silence_kills) {}

bool connection::blocked() const {
  return net_.line(names_[0], names_[1]) == line_state::silent || net_.powerless_.contains(names_[0]) ||
         net_.powerless_.contains(names_[1]);
}

void connection::send(int from, item what, bool reset) {
  auto& way = to_[1 - from];
  way.last_due = std::max(way.last_due, net_.in().now() + net_.delay());
  way.under_way.push_back({way.last_due, std::move(what), reset});
  net_.in().after(way.last_due - net_.in().now(), [self = shared_from_this(), from] { self->deliver(from); });
}

void connection::deliver(int from) {
  if (stalled_) return; // `recover` goes on
  auto& way = to_[1 - from];
  auto& end = ends_[1 - from];
  while (!way.under_way.empty() && way.under_way.front().due <= net_.in().now()) {
    auto next = std::move(way.under_way.front());
    way.under_way.pop_front();
    if (!end.open) { // nobody is there: the system answers with RST, unless this is one
      if (!next.reset && !ends_[from].broken) send(1 - from, {}, true);
      continue;
    }
    if (next.reset) {
      break_end(1 - from, "connection reset by " + names_[from]);
      continue;
    }
    if (end.broken) continue;
    way.arrived.push_back(std::move(next.what));
    tell(1 - from, news::readable);
  }
}

void connection::break_end(int end, const std::string& why) {
  auto& state = ends_[end];
  if (state.broken || !state.open) return;
  state.broken = true;
  state.why = why;
  to_[end].arrived.clear();
  tell(end, news::broken);
}

void connection::tell(int end, news what) {
  if (auto to = ends_[end].tell) to(what);
}

void connection::cut(const std::string& why) {
  for (int end : {0, 1})
    net_.in().after(net_.delay(), [self = shared_from_this(), end, why] { self->break_end(end, why); });
}

void connection::lose_power(int end) {
  stream{shared_from_this(), end}.forget();
  ends_[end].forgotten = true;
  to_[1 - end].under_way.clear();
  line_changed();
}

// Keep-alive: the system at the other end answers it with RST if it has forgotten the connection.
void connection::probe() {
  for (int end : {0, 1}) {
    if (!ends_[1 - end].forgotten) continue;
    net_.in().after(net_.in().between({}, keep_alive), [self = shared_from_this(), end] {
      if (!self->blocked()) self->break_end(end, "connection reset by " + self->names_[1 - end]);
    });
  }
}

void connection::line_changed() {
  auto generation = ++change_;
  auto& in = net_.in();
  if (blocked()) {
    if (!std::exchange(stalled_, true)) stalled_since_ = in.now();
    if (!silence_kills_) return;
    in.after(user_timeout, [self = shared_from_this(), generation] {
      if (self->change_ != generation) return;
      for (int end : {0, 1}) self->break_end(end, "connection timed out");
    });
  } else {
    // The next retransmission may be as far away as the silence was long.
    auto back_off = std::min<duration>(in.now() - stalled_since_, longest_back_off);
    if (silence_kills_) probe();
    in.after(net_.delay() + in.between({}, back_off), [self = shared_from_this(), generation] {
      if (self->change_ == generation) self->recover();
    });
  }
}

void connection::recover() {
  stalled_ = false;
  for (int end : {0, 1}) deliver(end);
  for (int end : {0, 1})
    if (std::exchange(to_[1 - end].writer_waits, false)) tell(end, news::writable);
}

// -- stream
// -------------------------------------------------------------------------------------------------------

void stream::listen(connection::listener tell) {
  of_->ends_[end_].tell = std::move(tell);
  of_->net_.in().after({}, [of = of_, end = end_] {
    if (of->ends_[end].broken)
      of->tell(end, news::broken);
    else if (!of->to_[end].arrived.empty())
      of->tell(end, news::readable);
  });
}

bool stream::can_write() const {
  auto& way = of_->to_[1 - end_];
  if (broken() || way.under_way.size() + way.arrived.size() < stream_window) return true;
  way.writer_waits = true;
  return false;
}

void stream::write(bytes data) {
  if (!broken()) of_->send(end_, {std::move(data), false}, false);
}

void stream::finish() {
  if (!broken()) of_->send(end_, {.data = {}, .fin = true}, false);
}

const stream::item* stream::front() const {
  auto& arrived = of_->to_[end_].arrived;
  return arrived.empty() ? nullptr : &arrived.front();
}

stream::item stream::take() {
  auto& way = of_->to_[end_];
  auto item = std::move(way.arrived.front());
  way.arrived.pop_front();
  if (std::exchange(way.writer_waits, false)) {
    of_->net_.in().after(of_->net_.delay(), [of = of_, writer = 1 - end_] {
      if (of->stalled_)
        of->to_[1 - writer].writer_waits = true;
      else
        of->tell(writer, news::writable);
    });
  }
  return item;
}

void stream::reset() {
  if (!broken()) of_->send(end_, {}, true);
  forget();
}

void stream::forget() {
  auto& end = of_->ends_[end_];
  end.open = false;
  end.tell = nullptr;
  of_->to_[end_].arrived.clear();
}

// -- network
// ------------------------------------------------------------------------------------------------------

std::pair<std::string, std::string> network::pair_of(const std::string& a, const std::string& b) {
  return a < b ? std::pair{a, b} : std::pair{b, a};
}

line_state network::line(const std::string& a, const std::string& b) const {
  auto found = lines_.find(pair_of(a, b));
  return found == lines_.end() ? line_state::up : found->second;
}

std::vector<std::shared_ptr<connection>> network::connections_of(const std::string& node) {
  std::vector<std::shared_ptr<connection>> found;
  auto& known = connections_[node];
  std::erase_if(known, [](const auto& each) { return each.second.expired(); });
  for (auto& [number, weak] : known) found.push_back(weak.lock());
  return found;
}

std::vector<std::shared_ptr<connection>> network::between(const std::string& a, const std::string& b) {
  auto found = connections_of(a);
  std::erase_if(found, [&](const auto& each) { return each->name(0) != b && each->name(1) != b; });
  return found;
}

void network::set_line(const std::string& a, const std::string& b, line_state state) {
  world_.note(a, "line to " + b +
                     (state == line_state::up       ? " up"
                      : state == line_state::silent ? " silent"
                                                    : " refusing"));
  auto before = line(a, b);
  lines_[pair_of(a, b)] = state;
  if ((before == line_state::silent) == (state == line_state::silent)) return;
  for (const auto& each : between(a, b)) each->line_changed();
}

void network::all_lines_up() {
  for (const auto& [ends, state] : std::map{lines_})
    if (state != line_state::up) set_line(ends.first, ends.second, line_state::up);
}

void network::cut(const std::string& a, const std::string& b) {
  world_.note(a, "connections to " + b + " cut");
  for (const auto& each : between(a, b)) each->cut("connection to " + b + " was cut");
}

void network::listen(const std::string& node, host* on) {
  hosts_[node] = on;
  if (powerless_.erase(node) == 0) return;
  for (const auto& each : connections_of(node)) each->line_changed();
}

void network::crash(const std::string& node, bool tell_peers) {
  hosts_.erase(node);
  if (!tell_peers) powerless_.insert(node);
  for (const auto& each : connections_of(node)) {
    int end = each->name(0) == node ? 0 : 1;
    if (tell_peers)
      stream{each, end}.reset();
    else
      each->lose_power(end);
  }
}

void network::dial(const std::string& from, const endpoints& where, bool silence_kills, dialled then) {
  if (where.empty()) return then({errc::line_down, "no address to dial"});
  if (where.size() == 1) return dial(from, where.front(), silence_kills, std::move(then));
  struct race {
    dialled then;
    std::size_t next = 0, left = 0;
  };
  auto state = std::make_shared<race>(race{std::move(then), 0, where.size()});
  auto step = std::make_shared<std::function<void()>>();
  *step = [=, this, again = std::weak_ptr(step)] {
    if (!state->then || state->next == where.size()) return;
    auto go_on = again.lock();
    dial(from, where[state->next++], silence_kills, [state, go_on](outcome<stream> line) {
      --state->left;
      if (line && !state->then) return line->reset();
      if (!line && state->left > 0) return (*go_on)();
      if (auto done = std::exchange(state->then, nullptr)) done(std::move(line));
    });
    world_.after(next_address, [go_on] { (*go_on)(); });
  };
  (*step)();
}

void network::dial(const std::string& from, const endpoint& where, bool silence_kills, dialled then) {
  world_.after(delay(), [=, this] {
    auto place = places_.find(where);
    auto to = place == places_.end() ? std::string{} : place->second;
    bool mute = to.empty() || powerless_.contains(to) || line(from, to) == line_state::silent;
    if (mute) {
      world_.after(dial_timeout, [=] { then({errc::line_down, "no answer from " + to_string(where)}); });
    } else if (!hosts_.contains(to) || line(from, to) == line_state::refusing) {
      then({errc::hop_down, to_string(where) + " refuses connections"});
    } else {
      connect(from, to, silence_kills, then);
    }
  });
}

void network::connect(const std::string& from, const std::string& to, bool silence_kills,
                      const dialled& then) {
  auto made = std::make_shared<connection>(*this, from, to, silence_kills);
  auto id = next_id();
  for (int end : {0, 1}) connections_[made->name(end)].emplace(id, made);
  hosts_[to]->accept({made, 1});
  then(stream{made, 0});
}

} // namespace hublink::sim
