#include "node/gateway/gateway_datagrams.hpp"
#include "actors/gateway/gateway_policy.hpp"
#include "node/socket/own_address.hpp"

#include <spdlog/spdlog.h>

namespace hublink {

namespace {

/// Datagrams that wait for a link, of each peer; the oldest are dropped.
constexpr std::size_t most_waiting = 256;

/// The calling side's flow ends so much later than the called side's, which says when it is over.
constexpr std::chrono::seconds outlives{5};

std::chrono::steady_clock::time_point flow_now() { return std::chrono::steady_clock::now(); }

} // namespace

gateway_datagrams::gateway_datagrams(asio::io_context& context, definition_ptr self,
                                     std::shared_ptr<stream_book> book, stream_opener& opener)
    : context_(context), self_(std::move(self)), book_(std::move(book)), opener_(opener),
      calling_(
          std::size_t(self_->proxy.flows), [this](auto& flow, bool evicted) { calling_ended(flow, evicted); },
          [](const application& who) { return to_string(who.second.address); }),
      called_(
          std::size_t(self_->proxy.flows), [this](auto& flow, bool evicted) { called_ended(flow, evicted); },
          [](const link_flow& which) { return std::to_string(which.first); }),
      timer_(context) {
  for (auto& listener : wanted_listeners()) listeners_[++last_listener_] = std::move(listener);
}

std::vector<gateway_datagrams::udp_listener> gateway_datagrams::wanted_listeners() const {
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
                        nullptr});
  return wanted;
}

void gateway_datagrams::define(definition_ptr self) {
  self_ = std::move(self);
  auto wanted = wanted_listeners();
  std::vector<std::size_t> gone;
  for (const auto& each : listeners_) {
    const auto& old = each.second;
    if (old.only && serves_applications()) continue; // an application's own
    auto same = std::erase_if(wanted, [&](const udp_listener& listener) {
      return old.socket && listener.listen == old.listen && listener.peer == old.peer &&
             listener.shown.name == old.shown.name && listener.shown.deliver == old.shown.deliver &&
             listener.reply_timeout == old.reply_timeout;
    });
    if (same == 0) gone.push_back(each.first);
  }
  for (auto number : gone) close_listener(number);
  for (auto& fresh : wanted) {
    auto& listener = listeners_[++last_listener_] = std::move(fresh);
    try_to_bind(listener);
    if (listener.socket) read(last_listener_, listener);
  }
  end_refused_flows();
}

void gateway_datagrams::open() {
  for (auto& [number, listener] : listeners_) try_to_bind(listener);
}

void gateway_datagrams::start() {
  for (auto& [number, listener] : listeners_)
    if (listener.socket) read(number, listener);
}

void gateway_datagrams::try_to_bind(udp_listener& listener) {
  auto opened = bind(listener);
  listener.shown.state = opened ? "listening" : "failed";
  if (opened) return;
  listener.shown.reason = opened.error().text;
  spdlog::warn("gateway {} can't listen at {}", listener.shown.name, opened.error().text);
}

outcome<> gateway_datagrams::bind(udp_listener& listener) {
  auto socket = std::make_shared<udp_socket>(context_);
  auto opened = socket->open(listener.listen);
  if (!opened) return opened;
  listener.listen.port = socket->port();
  listener.socket = std::move(socket);
  return {};
}

void gateway_datagrams::read(std::size_t number, udp_listener& listener) {
  listener.socket->read([this, number](const endpoint& from, byte_view data) {
    from_application({number, from}, data);
  });
}

bool gateway_datagrams::serves_applications() const { return self_->proxy.enabled && self_->proxy.socks; }

outcome<std::size_t> gateway_datagrams::open_listener(const std::string& gateway, const std::string& peer,
                                                      const mux_target& target, const ip_address& at,
                                                      const ip_address& application) {
  if (!serves_applications()) return {errc::not_authorised, "the definition in force has no SOCKS listener"};
  udp_listener made;
  made.shown.name = gateway;
  made.shown.deliver = to_string(target);
  made.listen = {at, 0};
  made.peer = peer;
  made.target = target;
  made.reply_timeout = std::chrono::seconds(target.reply_timeout_s);
  made.only = application;
  auto number = ++last_listener_;
  auto& listener = listeners_[number] = std::move(made);
  if (auto opened = bind(listener); !opened) {
    listeners_.erase(number);
    return opened.error();
  }
  read(number, listener);
  return number;
}

endpoint gateway_datagrams::listener_address(std::size_t number) const {
  return listeners_.at(number).listen;
}

void gateway_datagrams::close_listener(std::size_t number) {
  auto closed = listeners_.extract(number);
  if (!closed) return;
  if (closed.mapped().socket) closed.mapped().socket->close();
  std::vector<application> users;
  calling_.for_each([&](auto& flow) {
    if (flow.key.first == number) users.push_back(flow.key);
  });
  for (const auto& user : users) {
    const auto& flow = calling_.find(user)->data;
    if (auto link = flow.link.lock())
      link->end_flow(flow.there.second, {mux_reason::no_more_replies, "the application is gone"});
    drop_calling(user, "done");
  }
}

void gateway_datagrams::drop_calling(const application& from, const char* result, const std::string& reason) {
  auto flow = calling_.find(from);
  back_.erase(flow->data.there);
  book_->end(flow->data.record, result, reason);
  calling_.close(from);
}

void gateway_datagrams::drop_called(const link_flow& key, const char* result, const std::string& reason) {
  auto flow = called_.find(key);
  close_own(flow->data.socket);
  book_->end(flow->data.record, result, reason);
  called_.close(key);
}

// What is new in the definition has been opened, what it lacks closed, with the flows of the calling side.
void gateway_datagrams::end_refused_flows() {
  std::vector<link_flow> refused;
  called_.for_each([&](auto& flow) {
    auto link = flow.data.link.lock();
    let_through way{{}, link ? link->peer() : "", false, true, flow.data.target, flow.data.destination};
    if (!is_still_let_through(*self_, way, is_own_address)) refused.push_back(flow.key);
  });
  mux_refusal no{mux_reason::not_allowed, "the definition in force does not let it through"};
  for (const auto& key : refused) {
    if (auto link = called_.find(key)->data.link.lock()) link->end_flow(key.second, no);
    drop_called(key, "cut", no.text);
  }
}

void gateway_datagrams::close() {
  timer_.cancel();
  for (auto& [number, listener] : listeners_)
    if (listener.socket) listener.socket->close();
  called_.for_each([](auto& flow) { flow.data.socket->close(); });
}

// -- the calling side
// ---------------------------------------------------------------------------------------------

void gateway_datagrams::from_application(const application& from, byte_view data) {
  const auto& listener = listeners_.at(from.first);
  if (listener.only && *listener.only != from.second.address) return book_->dropped("stranger");
  if (auto known = calling_.find(from)) {
    if (auto link = known->data.link.lock(); link && link->takes_streams()) return forward(*link, from, data);
  }
  if (auto link = opener_.want_link(listener.peer)) return forward(*link, from, data);
  auto& line = waiting_[listener.peer];
  line.push_back({from, {data.begin(), data.end()}});
  if (line.size() <= most_waiting) return;
  line.pop_front();
  book_->dropped("no-link");
}

void gateway_datagrams::forward(gateway_link& link, const application& from, byte_view data) {
  auto place = listeners_.find(from.first);
  if (place == listeners_.end()) return;
  const auto& listener = place->second;
  auto known = calling_.find(from);
  if (known && known->data.link.lock().get() != &link) {
    drop_calling(from, "cut", "the gateway link ended");
    known = nullptr;
  }
  if (!known) {
    auto id = link.open_flow(listener.target);
    if (!id) return book_->dropped("no-link");
    stream_report report;
    report.gateway = listener.shown.name;
    report.peer = listener.peer;
    report.udp = true;
    report.from = to_string(from.second);
    report.to = listener.shown.deliver;
    report.state = "open";
    link_flow there{link.circuit(), *id};
    bool awaits_reply = listener.reply_timeout.count() > 0;
    flow_rules rules{awaits_reply ? listener.reply_timeout + outlives : std::chrono::seconds{0}, true};
    known = &calling_.open(from, {link.share(), there, book_->begin(std::move(report))}, rules, flow_now());
    back_[there] = from;
    watch();
  }
  calling_.sent(*known, flow_now());
  known->data.record->bytes += data.size();
  link.send_datagram(known->data.there.second, data);
}

void gateway_datagrams::calling_ended(calling_table::flow& flow, bool evicted) {
  back_.erase(flow.data.there);
  book_->end(flow.data.record, evicted ? "evicted" : "expired");
  if (auto link = flow.data.link.lock(); link && evicted)
    link->end_flow(flow.data.there.second, {mux_reason::busy, "the calling gateway has too many flows"});
}

void gateway_datagrams::link_up(gateway_link& link) {
  auto line = waiting_.extract(link.peer());
  if (!line) return;
  for (const auto& datagram : line.mapped()) forward(link, datagram.from, datagram.data);
}

void gateway_datagrams::unreachable(const std::string& peer) {
  auto line = waiting_.extract(peer);
  if (line) book_->dropped("no-link", line.mapped().size());
}

void gateway_datagrams::link_down(gateway_link& link) {
  std::vector<application> ours;
  for (const auto& [there, from] : back_)
    if (there.first == link.circuit()) ours.push_back(from);
  for (const auto& from : ours) drop_calling(from, "cut", "the gateway link ended");
  std::vector<link_flow> theirs;
  called_.for_each([&](auto& flow) {
    if (flow.key.first == link.circuit()) theirs.push_back(flow.key);
  });
  for (const auto& key : theirs) drop_called(key, "cut", "the gateway link ended");
}

void gateway_datagrams::flow_over(gateway_link& link, mux_id flow, const mux_refusal& why) {
  link_flow key{link.circuit(), flow};
  if (auto from = back_.find(key); from != back_.end()) {
    auto who = from->second;
    auto calling = calling_.find(who);
    bool over = why.reason == mux_reason::no_more_replies;
    if (!over)
      book_->refused(calling->data.record->gateway, link.peer(), calling->data.record->from,
                     calling->data.record->to, why);
    drop_calling(who, over ? "expired" : "refused", why.text);
  }
  if (called_.find(key)) drop_called(key, "evicted", why.text);
}

// -- the called side
// ----------------------------------------------------------------------------------------------

void gateway_datagrams::flow_asked(gateway_link& link, mux_id flow, const mux_target& target) {
  auto where = target.kind == mux_target::by::host
                   ? delivery{mux_refusal{mux_reason::no_address, "datagrams go to addresses, not names"}}
                   : may_deliver(*self_, link.peer(), true, target, is_own_address);
  if (auto no = std::get_if<mux_refusal>(&where)) {
    book_->refused(to_string(target), link.peer(), link.peer(), to_string(target), *no);
    return link.end_flow(flow, *no);
  }
  auto destination = std::get<endpoint>(where);
  if (is_own_listener(*self_, true, destination)) // a circle of datagrams would never end
    return link.end_flow(flow, {mux_reason::loop, "the destination is this gateway itself"});
  flow_rules rules{std::chrono::seconds(target.reply_timeout_s), false};
  if (auto known = find_called(*self_, target.name, link.peer(), true))
    rules = {std::chrono::seconds(known->reply_timeout_s), known->replies_extend};
  link_flow key{link.circuit(), flow};
  auto socket = socket_towards(destination, rules.reply_timeout.count() > 0, key);
  if (!socket) return link.end_flow(flow, {mux_reason::busy, "the called gateway has no socket left"});
  stream_report report;
  report.gateway = target.kind == mux_target::by::gateway ? target.name : "address";
  report.peer = link.peer();
  report.calling = false;
  report.udp = true;
  report.from = link.peer();
  report.to = to_string(destination);
  report.state = "open";
  called_.open(key, {link.share(), target, destination, std::move(socket), book_->begin(std::move(report))},
               rules, flow_now());
  watch();
}

std::shared_ptr<udp_socket> gateway_datagrams::socket_towards(const endpoint& destination, bool awaits_reply,
                                                              const link_flow& key) {
  auto& silent = destination.address.v6 ? silent_v6_ : silent_v4_;
  if (!awaits_reply && silent) return silent;
  auto socket = std::make_shared<udp_socket>(context_);
  ip_address any;
  any.v6 = destination.address.v6;
  // From the node's own address, so that firewalls know it; where that can't be, from what the system
  // chooses.
  bool bound = self_->address.address.v6 == any.v6 && bool(socket->open({self_->address.address, 0}));
  if (!bound) socket = std::make_shared<udp_socket>(context_);
  if (!bound && !socket->open({any, 0})) return nullptr;
  if (!awaits_reply) return silent = socket;
  socket->read([this, key](const endpoint& from, byte_view data) { from_destination(key, from, data); });
  return socket;
}

// All flows that await no reply share one.
void gateway_datagrams::close_own(const std::shared_ptr<udp_socket>& socket) {
  if (socket != silent_v4_ && socket != silent_v6_) socket->close();
}

void gateway_datagrams::datagram(gateway_link& link, mux_id flow, byte_view data) {
  link_flow key{link.circuit(), flow};
  if (auto called = called_.find(key)) {
    called_.sent(*called, flow_now());
    called->data.record->bytes += data.size();
    if (!called->data.socket->send(called->data.destination, data)) book_->dropped("not-sent");
    return;
  }
  auto back = back_.find(key);
  if (back == back_.end()) return calling_.came_late();
  auto who = back->second;
  auto calling = calling_.find(who);
  if (!calling_.replied(*calling, true, flow_now())) return;
  calling->data.record->bytes_back += data.size();
  if (!listeners_.at(who.first).socket->send(who.second, data)) book_->dropped("not-sent");
}

void gateway_datagrams::from_destination(const link_flow& key, const endpoint& from, byte_view data) {
  auto flow = called_.find(key);
  if (!flow) return called_.came_late();
  if (!called_.replied(*flow, from == flow->data.destination, flow_now())) return;
  flow->data.record->bytes_back += data.size();
  if (auto link = flow->data.link.lock()) link->send_datagram(key.second, data);
}

void gateway_datagrams::called_ended(called_table::flow& flow, bool evicted) {
  close_own(flow.data.socket);
  book_->end(flow.data.record, evicted ? "evicted" : "expired");
  auto why = evicted ? mux_refusal{mux_reason::busy, "the called gateway has too many flows"}
                     : mux_refusal{mux_reason::no_more_replies, "the time for replies is over"};
  if (auto link = flow.data.link.lock()) link->end_flow(flow.key.second, why);
}

// -- time
// ---------------------------------------------------------------------------------------------------------

void gateway_datagrams::watch() {
  auto first = calling_.next_end();
  if (auto other = called_.next_end(); other && (!first || *other < *first)) first = other;
  if (!first || (watched_ && *watched_ <= *first)) return;
  watched_ = first;
  timer_.expires_at(*first);
  timer_.async_wait([this](std::error_code cancelled) {
    if (cancelled) return;
    watched_.reset();
    calling_.expire(flow_now());
    called_.expire(flow_now());
    watch();
  });
}

void gateway_datagrams::fill(gateway_report& report) const {
  for (const auto& [number, listener] : listeners_) {
    if (listener.only) continue;
    auto shown = listener.shown;
    shown.streams = book_->open_of(shown.name, true);
    report.listeners.push_back(std::move(shown));
  }
  report.calling_flows = calling_.counters();
  report.called_flows = called_.counters();
}

} // namespace hublink
