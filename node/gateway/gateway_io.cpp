#include "node/gateway/gateway_io.hpp"
#include "actors/gateway/gateway_policy.hpp"
#include "node/base/io_thread.hpp"
#include "node/circuit/circuit_table.hpp"
#include "node/gateway/awake_time.hpp"
#include "node/socket/own_address.hpp"
#include "protocol/trust/next_look.hpp"

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <spdlog/spdlog.h>

#include <pthread.h>

namespace hublink {

namespace {

mux_limits limits_of(const proxy_definition& proxy) {
  mux_limits limits;
  limits.max_streams = static_cast<std::uint32_t>(proxy.streams);
  if (proxy.keep_alive_s) limits.keep_alive = std::chrono::seconds(*proxy.keep_alive_s);
  return limits;
}

} // namespace

gateway_io::gateway_io(gateway_io_config config, io_plane& circuits, std::shared_ptr<asio::ssl::context> tls,
                       socks_users users)
    : work_(asio::make_work_guard(context_)), config_(std::move(config)), circuits_(circuits),
      book_(std::make_shared<stream_book>(std::chrono::seconds(config_.self->proxy.history_s))),
      watch_(context_), own_flows_(context_, config_.self->node), look_(context_) {
  set_up(std::move(tls));
  destinations_ = std::make_unique<destinations>(context_, config_.self, book_, watch_);
  own_line_ = std::make_unique<own_line>(context_, config_.self->node, setup_->limits, *destinations_);
  listeners_ = std::make_unique<listeners>(context_, config_.self, book_, *this, std::move(users));
  calling_datagrams_ =
      std::make_unique<calling_datagrams>(context_, config_.self, book_, *this, config_.refusals);
  called_datagrams_ = std::make_unique<called_datagrams>(context_, config_.self, book_);
  own_flows_.join(*calling_datagrams_, *called_datagrams_);
  listeners_->open();
  calling_datagrams_->open();
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "hublink-gateway");
    run_handlers(context_, "gateway thread", [this] { work_until_stopped(); });
  });
}

void gateway_io::set_up(std::shared_ptr<asio::ssl::context> tls) {
  gateway_link_setup setup;
  setup.tls = std::move(tls);
  setup.own = config_.own;
  setup.limits = limits_of(config_.self->proxy);
  setup.idle = std::chrono::seconds(config_.self->proxy.idle_s);
  setup_ = std::make_shared<const gateway_link_setup>(std::move(setup));
}

void gateway_io::work_until_stopped() {
  awake_time awake;
  for (auto busy = mux::clock::now(); !context_.stopped();) {
    const bool worked = context_.poll() > 0;
    const auto now = mux::clock::now();
    if (worked || (!awake.stays(busy, now) && context_.run_one() > 0)) {
      busy = worked ? now : mux::clock::now();
    } else {
      std::this_thread::yield();
      awake.let_others(now, mux::clock::now());
    }
  }
}

outcome<std::unique_ptr<gateway_io>> gateway_io::make(gateway_io_config config, io_plane& circuits) {
  auto tls = make_gateway_tls(config.own);
  auto users = socks_users::load(config.data);
  if (!users) return users.error();
  if (auto clear = users->in_clear(); clear > 0)
    spdlog::warn(
        "{} of the passwords in socks.users stand there as they are; hublink socks-users set USER hashes one",
        clear);
  if (!tls) return tls.error();
  return std::unique_ptr<gateway_io>(new gateway_io(std::move(config), circuits, *tls, std::move(*users)));
}

gateway_io::~gateway_io() { stop(); }

void gateway_io::stop() {
  if (!thread_.joinable()) return;
  asio::post(context_, [this] {
    owner_ = {};
    destinations_->close();
    watch_.cancel();
    look_.cancel();
    listeners_->close();
    own_line_->close(failure{errc::cancelled, {}, "the node stops"});
    for (auto& [id, link] : std::unordered_map(links_))
      link->close(failure{errc::cancelled, {}, "the node stops"});
    calling_datagrams_->close();
    called_datagrams_->close();
    waiting_.clear();
    context_.stop();
  });
  thread_.join();
}

void gateway_io::recheck() {
  asio::post(context_, [this] { look(); });
}

void gateway_io::renew(std::shared_ptr<const own_pair> pair, std::function<void(const failure& why)> warn) {
  asio::post(context_, [this, pair = std::move(pair), warn = std::move(warn)] {
    if (auto done = put_in_place(*setup_->tls, *pair); !done) return warn(done.error());
    for (auto& [id, link] : std::unordered_map(links_)) link->show_newer();
  });
}

void gateway_io::look() {
  auto first_end = trust::clock_time::max();
  for (auto& [id, link] : std::unordered_map(links_)) {
    if (auto until = link->trusted_until())
      first_end = std::min(first_end, *until);
    else
      link->close(until.error());
  }
  if (links_.empty()) return;
  look_.expires_after(until_next_look(config_.own.wall_clock(), first_end));
  look_.async_wait([this](std::error_code cancelled) {
    if (!cancelled) look();
  });
}

void gateway_io::serve(weak_owner<gateway_owner> owner) {
  asio::post(context_, [this, owner = std::move(owner)] {
    owner_ = owner;
    listeners_->start();
    calling_datagrams_->start();
  });
}

void gateway_io::define(definition_ptr self) {
  asio::post(context_, [this, next = std::move(self)] {
    auto self = listening_at(next, config_.self->listen);
    config_.self = self;
    set_up(setup_->tls);
    destinations_->define(self);
    listeners_->define(self);
    calling_datagrams_->define(self);
    called_datagrams_->define(self);
    for (auto& [id, link] : std::unordered_map(links_)) end_refused(*link);
    own_line_->define(*self);
    waiting_.end_refused(*self);
  });
}

void gateway_io::drain(std::function<void()> idle) {
  asio::post(context_, [this, idle = std::move(idle)]() mutable {
    drained_ = true;
    book_->when_idle(std::move(idle));
  });
}

void gateway_io::end_refused(gateway_link& link) {
  const auto& peer = link.intended_peer();
  if (peer.empty()) return; // judged once it has shown who it is
  if (auto may = may_have_gateway_link(*config_.self, peer); !may) return link.close(may);
  link.end_refused(*config_.self);
  if (!link.peer().empty()) keep_if_wanted(link);
}

// -- links
// --------------------------------------------------------------------------------------------------------

void gateway_io::run(circuit_id circuit, std::string expected) {
  circuit_borrower borrower;
  borrower.take = [this, circuit, expected](int fd, const line_member_ptr& line) {
    asio::post(context_, [=, this] { take_circuit(circuit, expected, fd, line); });
  };
  borrower.close = [this, circuit, expected](const failure& why) {
    asio::post(context_, [=, this] { close_circuit(circuit, why); });
  };
  circuits_.lend(circuit, std::move(borrower));
}

void gateway_io::take_circuit(circuit_id circuit, const std::string& expected, int fd,
                              const line_member_ptr& line) {
  std::error_code error;
  tcp::socket socket(context_);
  socket.assign(tcp::v4(), fd, error); // whatever the family is: nothing here asks for it
  if (error) {
    if (line) line->leave();
    ::close(fd);
    return close_circuit(circuit, {errc::failed, {}, error.message()});
  }
  auto link =
      std::make_shared<gateway_link>(circuit, data_socket{std::move(socket), line}, expected, setup_, *this);
  links_.emplace(circuit, link);
  link->start();
}

void gateway_io::close_circuit(circuit_id circuit, const failure& why) {
  if (auto found = links_.find(circuit); found != links_.end()) {
    auto link = found->second;
    return link->close(why);
  }
  circuits_.give_back(circuit, true, why, 0, 0);
  owner_.tell(gateway_down{circuit, {}, why});
}

std::shared_ptr<gateway_link> gateway_io::link_to(const std::string& peer) const {
  for (const auto& [id, link] : links_)
    if (link->peer() == peer && link->takes_streams()) return link;
  return nullptr;
}

void gateway_io::link_up(gateway_link& link) {
  spdlog::info("gateway link to {} is up", link.peer());
  if (auto may = may_have_gateway_link(*config_.self, link.peer()); !may) // not while it works on what came
    return asio::post(context_, [link = link.share(), may] { link->close(may); });
  look();
  keep_if_wanted(link);
  drop_second_link(link);
  owner_.tell(gateway_up{link.circuit(), link.peer()});
  for (auto& request : waiting_.take(link.peer())) link.open(request.target, request.stream);
  calling_datagrams_->line_up(link);
}

void gateway_io::keep_if_wanted(gateway_link& link) {
  const auto& proxy = config_.self->proxy;
  if (link.dialled()) link.close_when_unused(!proxy.enabled || !contains(proxy.kept, link.peer()));
}

// Both gateways dialled: the link that was dialled by the name that sorts first stays.
void gateway_io::drop_second_link(gateway_link& fresh) {
  bool mine_stays = config_.self->node < fresh.peer();
  for (const auto& [id, link] : links_) {
    if (link.get() == &fresh || link->peer() != fresh.peer() || !link->takes_streams()) continue;
    bool old_stays = link->dialled() != fresh.dialled() && link->dialled() == mine_stays;
    (old_stays ? fresh : *link).drain();
  }
}

void gateway_io::link_down(gateway_link& link, const outcome<>& result) {
  auto kept = link.share();
  links_.erase(link.circuit());
  calling_datagrams_->line_down(link);
  called_datagrams_->line_down(link);
  auto why = result ? failure{errc::cut, {}, "it was not needed any more"} : result.error();
  spdlog::info("gateway link to {} ended: {}", link.peer().empty() ? "?" : link.peer(), why.text);
  circuits_.give_back(link.circuit(), link.dialled(), result, link.bytes_in(), link.bytes_out());
  owner_.tell(gateway_down{link.circuit(), link.peer(), why});
}

void gateway_io::unreachable(std::string peer, failure why) {
  asio::post(context_, [this, peer = std::move(peer), why = std::move(why)] {
    if (link_to(peer)) return;
    mux_refusal refusal{mux_reason::unreachable, to_string(why)};
    for (auto& request : waiting_.take(peer)) request.stream->answered(&refusal);
    calling_datagrams_->unreachable(peer);
  });
}

// -- the calling side
// ---------------------------------------------------------------------------------------------

void gateway_io::open_stream(const std::string& peer, const mux_target& target,
                             std::shared_ptr<gateway_stream> stream) {
  stream->life = life_of(*config_.self, target);
  watch_.add(stream);
  applications_.add(stream);
  carry(peer, target, stream);
}

void gateway_io::carry(const std::string& peer, const mux_target& target,
                       const std::shared_ptr<gateway_stream>& stream) {
  if (drained_) {
    auto busy = refusal::drained(config_.self->node);
    return stream->answered(&busy);
  }
  if (target.hops_left == 0) {
    auto loop = refusal::circle();
    return stream->answered(&loop);
  }
  stream->way = {stream->report().gateway, peer, true, false, target};
  auto no = refusal::not_let_through();
  if (!is_still_let_through(*config_.self, stream->way, is_own_address)) return stream->answered(&no);
  if (peer == config_.self->node) return own_line_->open(target, stream);
  if (auto link = want_link(peer)) return link->open(target, stream);
  waiting_.put(peer, target, stream);
}

std::shared_ptr<gateway_link> gateway_io::want_link(const std::string& peer) {
  auto link = link_to(peer);
  if (!link) owner_.tell(gateway_wanted{peer});
  return link;
}

bool gateway_io::keep_alive(const endpoint& application, const mux_keep_alive& how) {
  auto stream = applications_.find(application);
  if (stream) stream->want_keep_alive(how);
  return stream != nullptr;
}

std::shared_ptr<flow_line> gateway_io::want_line(const std::string& peer) {
  if (peer == config_.self->node) return own_flows_.calling();
  return want_link(peer);
}

outcome<std::pair<std::size_t, endpoint>> gateway_io::open_datagrams(datagram_port wanted) {
  auto number = calling_datagrams_->open_listener("socks", std::move(wanted));
  if (!number) return number.error();
  return std::pair{*number, calling_datagrams_->listener_address(*number)};
}

void gateway_io::close_datagrams(std::size_t port) { calling_datagrams_->close_listener(port); }

std::uint8_t gateway_io::hops_of(const endpoint& application) {
  return destinations_->passed().hops_of(application);
}

// -- the called side
// ----------------------------------------------------------------------------------------------

void gateway_io::stream_asked(gateway_link& link, mux_id stream, const mux_target& target) {
  auto kept = link.share();
  if (drained_) return refuse_at(*kept, stream, target, refusal::drained(config_.self->node));
  destinations_->open({link.peer(), target, [=] { return kept->wants(stream); },
                       [=, this](const mux_refusal& why) { refuse_at(*kept, stream, target, why); },
                       [=](const auto& made) { kept->accept(stream, made); }});
}

void gateway_io::refuse_at(gateway_link& link, mux_id stream, const mux_target& target,
                           const mux_refusal& why) {
  book_->refused(target.kind == mux_target::by::gateway ? target.name : "address", link.peer(), link.peer(),
                 to_string(target), why);
  link.refuse(stream, why);
}

void gateway_io::stream_came_late(const std::string& peer, const mux_target& target,
                                  const std::shared_ptr<gateway_stream>& stream) {
  stream->return_from_link();
  carry(peer, target, stream);
}

void gateway_io::flow_asked(gateway_link& link, mux_id flow, const mux_target& target) {
  called_datagrams_->flow_asked(link, flow, target);
}
void gateway_io::flow_datagram(gateway_link& link, mux_id flow, byte_view data) {
  if (!called_datagrams_->datagram(link, flow, data)) calling_datagrams_->reply(link, flow, data);
}
void gateway_io::flow_ruled(gateway_link& link, mux_id flow, const mux_flow_rules& rules) {
  called_datagrams_->rule(link, flow, rules);
}
void gateway_io::flow_beside(gateway_link& link, mux_id flow, const endpoint& where, byte_view data) {
  if (!called_datagrams_->datagram_beside(link, flow, where, data))
    calling_datagrams_->reply_beside(link, flow, where, data);
}
void gateway_io::flow_over(gateway_link& link, mux_id flow, const mux_refusal& why) {
  if (!called_datagrams_->flow_over(link, flow, why)) calling_datagrams_->flow_over(link, flow, why);
}

// -- listings
// -----------------------------------------------------------------------------------------------------

void gateway_io::report(std::uint64_t number, weak_owner<gateway_owner> owner) {
  asio::post(context_, [this, number, owner = std::move(owner)] {
    owner.tell(gateway_reported{number, make_report()});
  });
}

gateway_report gateway_io::make_report() {
  gateway_report report;
  report.enabled = config_.self->proxy.enabled;
  listeners_->fill(report);
  calling_datagrams_->fill(report);
  called_datagrams_->fill(report);
  const auto& self = *config_.self;
  for (const auto& gateway : self.proxy.gateways)
    if (gateway.called == self.node)
      report.listeners.push_back({gateway.name,
                                  gateway.udp ? "udp" : "tcp",
                                  gateway.calling,
                                  gateway.called,
                                  to_string(gateway.listen),
                                  to_string(gateway.deliver),
                                  "serving",
                                  {},
                                  book_->open_of(gateway.name, false)});
  for (const auto& [id, link] : links_) report.links.push_back(link->report());
  std::ranges::sort(report.links, {}, &gateway_link_report::circuit);
  book_->fill(report);
  return report;
}

} // namespace hublink
