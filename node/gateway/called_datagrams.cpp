#include "node/gateway/called_datagrams.hpp"
#include "actors/gateway/gateway_policy.hpp"
#include "actors/gateway/let_through.hpp"
#include "node/gateway/dial_reason.hpp"
#include "node/socket/connect.hpp"
#include "node/socket/own_address.hpp"

#include <algorithm>

namespace hublink {

namespace {

constexpr std::size_t most_repliers = 64;
/// Datagrams that wait for the look-up of their destination; the oldest are dropped.
constexpr std::size_t most_searching = 64;

flow_rules rules_of(const gateway_definition& gateway) {
  return {std::chrono::seconds(gateway.reply_timeout_s), gateway.replies_extend, gateway.replies_from};
}

/// Would a socket of this machine with that port be the destination itself?
bool is_to_itself(std::uint16_t port, const endpoint& destination) {
  return port == destination.port && is_own_address(destination.address);
}

bool may_reply(reply_source from, const endpoint& who, const endpoint& destination) {
  switch (from) {
  case reply_source::any:
    return true;
  case reply_source::host:
    return who.address == destination.address;
  case reply_source::destination:
    break;
  }
  return who == destination;
}

} // namespace

called_datagrams::called_datagrams(asio::io_context& context, definition_ptr self,
                                   std::shared_ptr<stream_book> book)
    : context_(context), self_(std::move(self)), book_(std::move(book)),
      flows_(
          std::size_t(self_->proxy.flows), [this](auto& flow, bool evicted) { ended(flow, evicted); },
          [](const line_flow& which) { return std::to_string(which.first); }),
      timer_(context, flows_), lookups_(context) {}

void called_datagrams::define(definition_ptr self) {
  self_ = std::move(self);
  std::vector<line_flow> refused;
  flows_.for_each([&](auto& flow) {
    auto line = flow.data.line.lock();
    let_through way{{}, line ? line->peer() : "", false, true, flow.data.target, flow.data.to};
    if (!is_still_let_through(*self_, way, is_own_address)) refused.push_back(flow.key);
  });
  const auto no = refusal::not_let_through();
  for (const auto& key : refused) {
    if (auto line = flows_.find(key)->data.line.lock()) line->end_flow(key.second, no);
    drop(key, "cut", no.text);
  }
}

void called_datagrams::close() {
  timer_.cancel();
  lookups_.stop();
  searches_.clear();
  flows_.for_each([](auto& flow) { flow.data.socket->close(); });
}

void called_datagrams::flow_asked(flow_line& line, mux_id flow, const mux_target& target) {
  auto where = target.kind == mux_target::by::host
                   ? delivery{mux_refusal{mux_reason::no_address, "datagrams go to addresses, not names"}}
                   : may_deliver(*self_, line.peer(), true, target, is_own_address);
  if (auto no = std::get_if<mux_refusal>(&where)) {
    book_->refused(to_string(target), line.peer(), line.peer(), to_string(target), *no);
    return line.end_flow(flow, *no);
  }
  const auto& to = std::get<dial_address>(where);
  if (to.is_name()) return look_up(line, flow, target, to);
  begin(line, flow, target, to, {*to.known_endpoint()});
}

void called_datagrams::look_up(flow_line& line, mux_id flow, const mux_target& target,
                               const dial_address& to) {
  const line_flow key{line.circuit(), flow};
  searches_[key] = {line.share_line(), target, to};
  lookups_.look_up(to.name, line.peer(), std::chrono::seconds(self_->proxy.connect_s),
                   [=, this](const auto& addresses) { found(key, addresses); });
}

void called_datagrams::found(const line_flow& key, const outcome<std::vector<ip_address>>& addresses) {
  auto over = searches_.extract(key);
  auto line = over ? over.mapped().line.lock() : nullptr;
  if (!line) return;
  const auto& [asker, target, to, datagrams] = over.mapped();
  if (!addresses) {
    const mux_refusal no{lookup_reason(addresses.error().code), addresses.error().text};
    book_->refused(to_string(target), line->peer(), line->peer(), to_string(target), no);
    return line->end_flow(key.second, no);
  }
  endpoints destinations;
  for (const auto& address : *addresses) destinations.push_back({address, to.port});
  begin(*line, key.second, target, to, std::move(destinations));
  for (const auto& data : datagrams) datagram(*line, key.second, data);
}

void called_datagrams::begin(flow_line& line, mux_id flow, const mux_target& target, const dial_address& to,
                             endpoints destinations) {
  let_through way{{}, line.peer(), false, true, target, to};
  if (!is_still_let_through(*self_, way, is_own_address)) return line.end_flow(flow, refusal::changed());
  const auto destination = destinations.front();
  destinations.erase(destinations.begin());
  if (is_own_listener(*self_, true, destination)) // a circle of datagrams would never end
    return line.end_flow(flow, {mux_reason::loop, "the destination is this gateway itself"});
  flow_rules rules{std::chrono::seconds(target.reply_timeout_s)};
  if (target.kind == mux_target::by::gateway)
    rules = rules_of(*find_called(*self_, target.name, line.peer(), true));
  line_flow key{line.circuit(), flow};
  auto socket = socket_towards(destination, rules.reply_timeout.count() > 0, key);
  if (!socket) return line.end_flow(flow, {mux_reason::busy, "the called gateway has no socket left"});
  stream_report report;
  report.gateway = target.kind == mux_target::by::gateway ? target.name : "address";
  report.peer = line.peer();
  report.calling = false;
  report.udp = true;
  report.from = line.peer();
  report.to = to_string(destination);
  report.state = "open";
  flows_.open(key,
              {line.share_line(), target, to, destination, std::move(socket), book_->begin(std::move(report)),
               std::move(destinations)},
              rules, table::clock::now());
  timer_.watch();
}

std::shared_ptr<udp_socket> called_datagrams::socket_towards(const endpoint& destination, bool awaits_reply,
                                                             const line_flow& key) {
  auto& silent = destination.address.v6 ? silent_v6_ : silent_v4_;
  if (!awaits_reply && silent && !is_to_itself(silent->port(), destination)) return silent;
  auto socket = open_towards(destination);
  if (!socket) return nullptr;
  if (!awaits_reply) return silent ? socket : silent = socket;
  socket->read([this, key](const endpoint& from, byte_view data) { received(key, from, data); });
  socket->watch_refusals([this, key](const endpoint& by) { refused(key, by); });
  return socket;
}

// The system may choose the very port that is sent to, where nobody is: another one then, while that is held.
std::shared_ptr<udp_socket> called_datagrams::open_towards(const endpoint& destination) {
  const ip_address any{{}, destination.address.v6};
  const auto from = dialling_of(*self_).source_for(destination.address).value_or(any);
  auto socket = std::make_shared<udp_socket>(context_);
  if (!socket->open({from, 0})) return nullptr;
  if (!is_to_itself(socket->port(), destination)) return socket;
  auto other = std::make_shared<udp_socket>(context_);
  const bool opened = bool(other->open({from, 0}));
  socket->close();
  return opened ? other : nullptr;
}

bool called_datagrams::datagram(flow_line& line, mux_id flow, byte_view data) {
  auto known = flows_.find({line.circuit(), flow});
  if (auto waits = searches_.find({line.circuit(), flow}); !known && waits != searches_.end()) {
    auto& queue = waits->second.datagrams;
    queue.emplace_back(data.begin(), data.end());
    if (queue.size() > most_searching) queue.pop_front();
    return true;
  }
  if (!known) return false;
  flows_.sent(*known, table::clock::now());
  known->data.record->bytes += data.size();
  if (!known->data.socket->send(known->data.destination, data)) book_->dropped("not-sent");
  return true;
}

void called_datagrams::rule(flow_line& line, mux_id flow, const mux_flow_rules& rules) {
  auto known = flows_.find({line.circuit(), flow});
  if (!known || known->data.target.kind == mux_target::by::gateway) return;
  known->rules.replies_extend = rules.replies_extend;
  known->rules.replies_from = rules.replies_from;
}

// Whoever an application names itself has to be allowed by itself.
bool called_datagrams::datagram_beside(flow_line& line, mux_id flow, const endpoint& to, byte_view data) {
  auto known = flows_.find({line.circuit(), flow});
  if (!known) return false;
  bool named = known->data.target.kind != mux_target::by::gateway;
  bool may = std::ranges::find(known->data.repliers, to) != known->data.repliers.end() &&
             !is_own_listener(*self_, true, to) && !(named && may_connect(*self_, to, is_own_address));
  if (!may) {
    book_->dropped(to_string(mux_reason::not_allowed));
    return true;
  }
  flows_.sent(*known, table::clock::now());
  known->data.record->bytes += data.size();
  if (!known->data.socket->send(to, data)) book_->dropped("not-sent");
  return true;
}

void called_datagrams::received(const line_flow& key, const endpoint& from, byte_view data) {
  auto flow = flows_.find(key);
  if (!flow) return flows_.came_late();
  auto& known = flow->data;
  bool may = may_reply(flow->rules.replies_from, from, known.destination);
  if (!flows_.replied(*flow, may, table::clock::now())) return;
  known.record->bytes_back += data.size();
  auto line = known.line.lock();
  if (!line) return;
  if (from == known.destination) return line->send_datagram(key.second, data);
  if (std::ranges::find(known.repliers, from) == known.repliers.end()) {
    if (known.repliers.size() == most_repliers) known.repliers.pop_front();
    known.repliers.push_back(from);
  }
  line->send_beside(key.second, from, data);
}

// The flow is over; the application's next datagram begins another one.
void called_datagrams::refused(const line_flow& key, const endpoint& by) {
  auto flow = flows_.find(key);
  if (!flow || by != flow->data.destination) return;
  if (go_on(key, flow->data)) return;
  mux_refusal why{mux_reason::refused, to_string(by) + ": nobody is at that port"};
  if (auto line = flow->data.line.lock()) line->end_flow(key.second, why);
  drop(key, "refused", why.text);
}

// What was sent there is lost, as datagrams may be; the application's next one goes elsewhere.
bool called_datagrams::go_on(const line_flow& key, called_flow& flow) {
  if (flow.others.empty() || flow.record->bytes_back > 0) return false;
  const auto next = flow.others.front();
  flow.others.erase(flow.others.begin());
  auto socket = is_own_listener(*self_, true, next) ? nullptr : socket_towards(next, true, key);
  if (!socket) return go_on(key, flow);
  flow.socket->close();
  flow.socket = std::move(socket);
  flow.destination = next;
  flow.record->to = to_string(next);
  return true;
}

bool called_datagrams::flow_over(flow_line& line, mux_id flow, const mux_refusal& why) {
  line_flow key{line.circuit(), flow};
  if (searches_.erase(key) > 0) return true;
  if (!flows_.find(key)) return false;
  drop(key, "evicted", why.text);
  return true;
}

void called_datagrams::line_down(flow_line& line) {
  std::erase_if(searches_, [&](const auto& each) { return each.first.first == line.circuit(); });
  std::vector<line_flow> gone;
  flows_.for_each([&](auto& flow) {
    if (flow.key.first == line.circuit()) gone.push_back(flow.key);
  });
  for (const auto& key : gone) drop(key, "cut", "the gateway link ended");
}

void called_datagrams::ended(table::flow& flow, bool evicted) {
  close_own(flow.data.socket);
  book_->end(flow.data.record, evicted ? "evicted" : "expired");
  auto why = evicted ? mux_refusal{mux_reason::busy, "the called gateway has too many flows"}
                     : mux_refusal{mux_reason::no_more_replies, "the time for replies is over"};
  if (auto line = flow.data.line.lock()) line->end_flow(flow.key.second, why);
}

void called_datagrams::drop(const line_flow& key, const char* result, const std::string& reason) {
  auto flow = flows_.find(key);
  close_own(flow->data.socket);
  book_->end(flow->data.record, result, reason);
  flows_.close(key);
}

// All flows that await no reply share one.
void called_datagrams::close_own(const std::shared_ptr<udp_socket>& socket) {
  if (socket != silent_v4_ && socket != silent_v6_) socket->close();
}

} // namespace hublink
