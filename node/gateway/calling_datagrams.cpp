#include "node/gateway/calling_datagrams.hpp"

#include <algorithm>
#include <set>

namespace hublink {

namespace {

/// Datagrams that wait for a link, of each peer; the oldest are dropped.
constexpr std::size_t most_waiting = 256;

/// The calling side's flow ends so much later than the called side's, which says when it is over.
constexpr std::chrono::seconds outlives{5};

constexpr std::chrono::seconds turned_away_for{2};

/// Whoever asks again hears the same: his next datagram goes nowhere, either.
bool is_lasting(mux_reason why) {
  return why == mux_reason::refused || why == mux_reason::not_allowed || why == mux_reason::unreachable ||
         why == mux_reason::no_address || why == mux_reason::unknown || why == mux_reason::loop;
}

} // namespace

calling_datagrams::calling_datagrams(asio::io_context& context, definition_ptr self,
                                     std::shared_ptr<stream_book> book, stream_opener& opener,
                                     std::shared_ptr<const port_refusals> refusals)
    : context_(context), self_(std::move(self)), book_(std::move(book)), opener_(opener),
      refusals_(std::move(refusals)),
      flows_(
          std::size_t(self_->proxy.flows), [this](auto& flow, bool evicted) { ended(flow, evicted); },
          [](const application& who) { return to_string(who.second.address); }),
      timer_(context, flows_) {
  for (auto& listener : wanted_listeners()) listeners_[++last_listener_] = std::move(listener);
}

std::vector<calling_datagrams::udp_listener> calling_datagrams::wanted_listeners() const {
  std::vector<udp_listener> wanted;
  for (const auto& gateway : self_->proxy.gateways)
    if (self_->proxy.enabled && gateway.calling == self_->node && gateway.udp)
      wanted.push_back({{gateway.name,
                         "udp",
                         gateway.calling,
                         gateway.called,
                         to_string(gateway.listen),
                         to_string(gateway.deliver),
                         {},
                         {},
                         0},
                        gateway.listen,
                        gateway.called,
                        {mux_target::by::gateway, gateway.name},
                        std::chrono::seconds(gateway.reply_timeout_s),
                        {},
                        {},
                        {},
                        nullptr,
                        false});
  return wanted;
}

void calling_datagrams::define(definition_ptr self) {
  self_ = std::move(self);
  auto wanted = wanted_listeners();
  std::vector<std::size_t> gone;
  for (const auto& each : listeners_) {
    const auto& old = each.second;
    if (old.leaving || (old.only && serves_applications())) continue; // an application's own
    auto same = std::erase_if(wanted, [&](const udp_listener& listener) {
      return old.waits && listener.listen == old.listen && listener.peer == old.peer &&
             listener.shown.name == old.shown.name && listener.shown.deliver == old.shown.deliver &&
             listener.reply_timeout == old.reply_timeout;
    });
    if (same == 0) gone.push_back(each.first);
  }
  for (auto number : gone) close_listener(number);
  for (auto& fresh : wanted) {
    auto& listener = listeners_[++last_listener_] = std::move(fresh);
    try_to_bind(last_listener_, listener);
    read_when_bound(last_listener_, listener);
  }
}

void calling_datagrams::open() {
  for (auto& [number, listener] : listeners_) try_to_bind(number, listener);
}

void calling_datagrams::start() {
  for (auto& [number, listener] : listeners_) read_when_bound(number, listener);
}

void calling_datagrams::try_to_bind(std::size_t number, udp_listener& listener) {
  listener.waits =
      std::make_shared<opening>(context_, "gateway " + listener.shown.name, to_string(listener.listen),
                                [this, number] { return bind(listeners_.at(number)); });
  static_cast<void>(listener.waits->try_now()); // it is tried again
}

void calling_datagrams::read_when_bound(std::size_t number, udp_listener& listener) {
  if (listener.socket) return read(number, listener);
  listener.waits->keep_trying([this, number] { read(number, listeners_.at(number)); });
}

outcome<> calling_datagrams::bind(udp_listener& listener) {
  auto socket = std::make_shared<udp_socket>(context_);
  auto opened = socket->open(listener.listen);
  if (!opened) return opened;
  listener.listen.port = socket->port();
  listener.socket = std::move(socket);
  return {};
}

void calling_datagrams::read(std::size_t number, udp_listener& listener) {
  listener.socket->read([this, number](const endpoint& from, byte_view data) {
    from_application({number, from}, data);
  });
}

bool calling_datagrams::serves_applications() const { return self_->proxy.enabled && self_->proxy.socks; }

outcome<std::size_t> calling_datagrams::open_listener(const std::string& gateway, datagram_port wanted) {
  if (!serves_applications()) return {errc::not_authorised, "the definition in force has no SOCKS listener"};
  udp_listener made;
  made.shown.name = gateway;
  made.shown.deliver = to_string(wanted.target);
  made.listen = {wanted.listen, 0};
  made.peer = std::move(wanted.peer);
  made.target = wanted.target;
  made.rules = wanted.rules;
  made.reply_timeout = std::chrono::seconds(wanted.target.reply_timeout_s);
  made.only = wanted.application;
  made.replied_beside = std::move(wanted.replied_beside);
  auto number = ++last_listener_;
  auto& listener = listeners_[number] = std::move(made);
  if (auto opened = bind(listener); !opened) {
    listeners_.erase(number);
    return opened.error();
  }
  read(number, listener);
  return number;
}

endpoint calling_datagrams::listener_address(std::size_t number) const {
  return listeners_.at(number).listen;
}

// What the application sent before goes on first, even if the link is not there yet.
void calling_datagrams::close_listener(std::size_t number) {
  auto known = listeners_.find(number);
  if (known == listeners_.end() || std::exchange(known->second.leaving, true)) return;
  if (known->second.waits) known->second.waits->stop();
  if (auto socket = known->second.socket) socket->finish();
  known->second.socket = nullptr;
  leave_if_nothing_waits(number);
}

void calling_datagrams::leave_if_nothing_waits(std::size_t number) {
  const auto& listener = listeners_.at(number);
  auto waits = waiting_.find(listener.peer);
  if (waits != waiting_.end() && std::ranges::any_of(waits->second, [&](const waiting_datagram& datagram) {
        return datagram.from.first == number;
      }))
    return;
  std::vector<application> users;
  flows_.for_each([&](auto& flow) {
    if (flow.key.first == number) users.push_back(flow.key);
  });
  for (const auto& user : users) {
    const auto& flow = flows_.find(user)->data;
    if (auto line = flow.line.lock())
      line->end_flow(flow.there.second, {mux_reason::no_more_replies, "the application is gone"});
    drop(user, "done");
  }
  listeners_.erase(number);
}

void calling_datagrams::let_leave() {
  std::vector<std::size_t> leaving;
  for (const auto& [number, listener] : listeners_)
    if (listener.leaving) leaving.push_back(number);
  for (auto number : leaving) leave_if_nothing_waits(number);
}

void calling_datagrams::drop(const application& from, const char* result, const std::string& reason) {
  auto flow = flows_.find(from);
  back_.erase(flow->data.there);
  book_->end(flow->data.record, result, reason);
  flows_.close(from);
}

void calling_datagrams::close() {
  timer_.cancel();
  for (auto& [number, listener] : listeners_) {
    if (listener.waits) listener.waits->stop();
    if (listener.socket) listener.socket->close();
  }
}

void calling_datagrams::from_application(const application& from, byte_view data) {
  const auto& listener = listeners_.at(from.first);
  if (listener.only && *listener.only != from.second.address) return book_->dropped("stranger");
  if (auto known = flows_.find(from)) {
    if (auto line = known->data.line.lock(); line && line->takes_streams()) return forward(*line, from, data);
  }
  if (auto line = opener_.want_line(listener.peer)) return forward(*line, from, data);
  auto& waits = waiting_[listener.peer];
  waits.push_back({from, {data.begin(), data.end()}});
  if (waits.size() <= most_waiting) return;
  waits.pop_front();
  book_->dropped("no-link");
}

void calling_datagrams::forward(flow_line& line, const application& from, byte_view data) {
  auto place = listeners_.find(from.first);
  if (place == listeners_.end()) return;
  const auto& listener = place->second;
  auto known = flows_.find(from);
  if (known && known->data.line.lock().get() != &line) {
    drop(from, "cut", "the gateway link ended");
    known = nullptr;
  }
  if (!known) {
    auto id = line.open_flow(listener.target);
    if (!id) return book_->dropped("no-link");
    if (listener.rules != mux_flow_rules{}) line.rule_flow(*id, listener.rules);
    stream_report report;
    report.gateway = listener.shown.name;
    report.peer = listener.peer;
    report.udp = true;
    report.from = to_string(from.second);
    report.to = listener.shown.deliver;
    report.state = "open";
    line_flow there{line.circuit(), *id};
    bool awaits_reply = listener.reply_timeout.count() > 0;
    flow_rules rules{awaits_reply ? listener.reply_timeout + outlives : std::chrono::seconds{0}, true};
    known = &flows_.open(from, {line.share_line(), there, book_->begin(std::move(report))}, rules,
                         table::clock::now());
    back_[there] = from;
    timer_.watch();
  }
  flows_.sent(*known, table::clock::now());
  known->data.record->bytes += data.size();
  line.send_datagram(known->data.there.second, data);
}

void calling_datagrams::ended(table::flow& flow, bool evicted) {
  back_.erase(flow.data.there);
  book_->end(flow.data.record, evicted ? "evicted" : "expired");
  if (auto line = flow.data.line.lock(); line && evicted)
    line->end_flow(flow.data.there.second, {mux_reason::busy, "the calling gateway has too many flows"});
}

void calling_datagrams::line_up(flow_line& line) {
  auto waited = waiting_.extract(line.peer());
  if (!waited) return;
  for (const auto& datagram : waited.mapped()) forward(line, datagram.from, datagram.data);
  let_leave();
}

void calling_datagrams::unreachable(const std::string& peer) {
  auto waited = waiting_.extract(peer);
  if (!waited) return;
  std::set<application> senders;
  for (const auto& datagram : waited.mapped()) senders.insert(datagram.from);
  for (const auto& sender : senders) turn_away(sender);
  book_->dropped("no-link", waited.mapped().size());
  let_leave();
}

void calling_datagrams::line_down(flow_line& line) {
  std::vector<application> ours;
  for (const auto& [there, from] : back_)
    if (there.first == line.circuit()) ours.push_back(from);
  for (const auto& from : ours) drop(from, "cut", "the gateway link ended");
}

// Null: it may not go to the application.
calling_datagrams::table::flow* calling_datagrams::taker_of(flow_line& line, mux_id flow, byte_view data) {
  auto back = back_.find({line.circuit(), flow});
  auto known = back == back_.end() ? nullptr : flows_.find(back->second);
  if (!known) flows_.came_late();
  if (!known || !flows_.replied(*known, true, table::clock::now())) return nullptr;
  known->data.record->bytes_back += data.size();
  return known;
}

void calling_datagrams::reply(flow_line& line, mux_id flow, byte_view data) {
  auto known = taker_of(line, flow, data);
  if (!known) return;
  const auto& socket = listeners_.at(known->key.first).socket;
  if (!socket || !socket->send(known->key.second, data)) book_->dropped("not-sent");
}

void calling_datagrams::reply_beside(flow_line& line, mux_id flow, const endpoint& from, byte_view data) {
  auto known = taker_of(line, flow, data);
  if (!known) return;
  const auto& listener = listeners_.at(known->key.first);
  auto& ports = known->data.beside;
  if (!ports)
    ports = std::make_unique<beside_ports>(
        context_, listener.listen.address, known->key.second,
        [this, who = known->key](const endpoint& to, byte_view body) { forward_beside(who, to, body); },
        listener.replied_beside);
  if (!ports->send(from, data)) book_->dropped("not-sent");
}

void calling_datagrams::forward_beside(const application& from, const endpoint& to, byte_view data) {
  auto known = flows_.find(from);
  auto line = known ? known->data.line.lock() : nullptr;
  if (!line) return book_->dropped("no-link");
  flows_.sent(*known, table::clock::now());
  known->data.record->bytes += data.size();
  line->send_beside(known->data.there.second, to, data);
}

void calling_datagrams::flow_over(flow_line& line, mux_id flow, const mux_refusal& why) {
  auto from = back_.find({line.circuit(), flow});
  if (from == back_.end()) return;
  auto who = from->second;
  auto known = flows_.find(who);
  bool over = why.reason == mux_reason::no_more_replies;
  if (!over)
    book_->refused(known->data.record->gateway, line.peer(), known->data.record->from, known->data.record->to,
                   why);
  drop(who, over ? "expired" : "refused", why.text);
  if (is_lasting(why.reason)) turn_away(who);
}

// As if the destination's port were here, and closed. Where the system does not let this process say so, it
// says so itself of an application's own port, to what it sends there next.
void calling_datagrams::turn_away(const application& who) {
  const auto& listener = listeners_.at(who.first);
  if ((refusals_ && refusals_->say(listener.listen, who.second)) || !listener.only || !listener.socket)
    return;
  listener.socket->turn_away(turned_away_for, who.second);
}

void calling_datagrams::fill(gateway_report& report) const {
  for (const auto& [number, listener] : listeners_) {
    if (listener.only || listener.leaving) continue;
    auto shown = listener.shown;
    shown.state = listener.socket ? "listening" : "failed";
    if (listener.waits) shown.reason = listener.waits->reason();
    shown.streams = book_->open_of(shown.name, true);
    report.listeners.push_back(std::move(shown));
  }
  report.calling_flows = flows_.counters();
}

} // namespace hublink
