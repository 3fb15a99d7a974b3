#include "node/link/link_table.hpp"

#include "protocol/trust/next_look.hpp"

#include <algorithm>

namespace hublink {
namespace {

constexpr std::chrono::seconds time_to_adopt{5};

/// Of answers that one client or manager does not read, on all its links and sessions.
constexpr std::size_t most_unwritten = 16 << 20;

constexpr double bytes_of_one = 1024;   ///< that count as a message more
constexpr double cost_of_refusal = 8;   ///< what was asked for in vain has cost more than what was granted
constexpr double cost_of_handshake = 8; ///< a session begins with one

/// How many messages it counts as. Parts of commands are only put together here.
double cost_of(const link_message& message, std::size_t bytes) {
  if (std::holds_alternative<command>(message) || std::holds_alternative<report>(message)) return 1;
  auto cost = 1 + double(bytes) / bytes_of_one;
  if (auto asked = std::get_if<open_request>(&message); asked && asked->body.kind == circuit_kind::management)
    cost += cost_of_handshake;
  return cost;
}

bool refuses(const link_message& message) {
  if (auto given = std::get_if<answer>(&message)) return std::holds_alternative<failure>(given->body);
  auto line = std::get_if<report>(&message);
  return line && line->last && line->why;
}

} // namespace

link_table::link_table(asio::io_context& context, std::shared_ptr<const link_setup> setup,
                       dial_settings dialling, limits most, line_book& lines, warning warn)
    : context_(context), setup_(std::move(setup)), dialling_(std::move(dialling)), most_(most), lines_(lines),
      warn_(std::move(warn)), warned_limit_(context), look_(context) {}

void link_table::accept(link_id id, tcp::socket socket,
                        std::shared_ptr<unproven_connections::ticket> ticket) {
  auto link = std::make_shared<tls_link>(std::move(socket), setup_, events_of(id));
  links_[id].link = link;
  ticket->on_drop([this, id, weak = std::weak_ptr(link)] {
    links_.erase(id);
    if (auto found = weak.lock()) found->abort();
  });
  link->start_accepted(std::move(ticket));
}

void link_table::dial(link_id id, const endpoints& where, std::string peer, weak_owner<link_owner> owner) {
  auto& made = links_[id];
  made.owner = std::move(owner);
  made.dialled = made.owned = true;
  dial_one_of(id, where, peer);
}

void link_table::dial_one_of(link_id id, const endpoints& where, const std::string& peer) {
  connect(context_, where, dialling_, [this, id, peer, where](outcome<connection> got) {
    auto* found = find(id);
    if (!found) return;
    if (!got) return gone(id, {got.error().code, {}, (peer.empty() ? "" : peer + ": ") + got.error().text});
    found->others = without(where, got->where);
    found->wanted = peer;
    connected(id, peer, *got);
  });
}

void link_table::connected(link_id id, const std::string& peer, const connection& to) {
  limit(id, dialling_.timeout,
        {errc::hop_down,
         {},
         peer + " (" + to_string(to.where) + ") does not answer within " +
             std::to_string(dialling_.timeout.count()) + " ms"});
  auto link = std::make_shared<tls_link>(std::move(*to.socket), setup_, events_of(id));
  links_[id].link = link;
  link->start_dialled(peer);
}

// What answers at one address of a name may be another machine by now.
bool link_table::dial_others(link_id id, const failure& why) {
  auto* found = find(id);
  if (!found || !found->peer.empty() || found->others.empty()) return false;
  warn(why.text + "; its other addresses are tried");
  found->link.reset();
  found->limit.reset();
  const auto others = std::exchange(found->others, {});
  dial_one_of(id, others, std::string{found->wanted});
  return true;
}

void link_table::begin_inside(link_id id, tcp::socket socket, line_member_ptr line, bool dials,
                              const std::string& peer, weak_owner<link_owner> owner, over_handler over) {
  auto link = std::make_shared<tls_link>(std::move(socket), setup_, events_of(id));
  auto& made = links_[id];
  made.link = link;
  made.owner = std::move(owner);
  made.link->is_of(std::move(line));
  made.dialled = dials;
  made.owned = true;
  made.over = std::move(over);
  limit(id, dialling_.timeout, {errc::hop_down, {}, peer + " does not answer on the circuit to it"});
  if (dials)
    link->start_dialled(peer);
  else
    link->start_accepted({});
}

tls_link::handler link_table::events_of(link_id id) {
  return {
      [this, id](const hello& peer) { came_up(id, peer); },
      [this, id](link_message message, std::size_t bytes) { received(id, std::move(message), bytes); },
      [this, id](const failure& why) { gone(id, why); },
      [this, id] {
        auto found = find(id);
        return found && found->paced ? found->paced->pace.wait(work_pace::clock::now())
                                     : std::chrono::milliseconds{0};
      },
      [this, id](std::size_t bytes) { written(id, bytes); },
  };
}

void link_table::received(link_id id, link_message message, std::size_t bytes) {
  auto found = find(id);
  if (!found) return;
  if (found->paced) found->paced->pace.spend(cost_of(message, bytes), work_pace::clock::now());
  if (auto* shown = std::get_if<shown_certificate>(&message)) return take_newer(id, *found->link, *shown);
  found->owner.tell(link_received{id, std::move(message)});
}

void link_table::take_newer(link_id id, tls_link& link, const shown_certificate& shown) {
  auto until = link.take_newer(shown);
  if (!until) return take_down(id, until.error());
  look_again_before(*until);
}

outcome<> link_table::renew(const own_pair& pair) {
  if (auto put = put_in_place(*setup_->tls, pair); !put) return put;
  std::vector<std::shared_ptr<tls_link>> up; // one that takes nothing more ends by that
  for (const auto& [id, entry] : links_)
    if (entry.link && !entry.peer.empty()) up.push_back(entry.link);
  for (const auto& link : up) link->show_newer();
  return {};
}

void link_table::written(link_id id, std::size_t bytes) {
  if (auto found = find(id); found && found->paced)
    found->paced->unwritten -= std::min(bytes, found->paced->unwritten);
}

link_table::peer_state& link_table::state_of(const std::string& peer) {
  return peers_.try_emplace(peer, most_.messages).first->second;
}

void link_table::make_room(link_id id, const std::string& peer) {
  auto& accepted = state_of(peer).accepted;
  accepted.push_back(id);
  if (accepted.size() > most_.links)
    take_down(accepted.front(), {errc::busy, {}, peer + " made a newer link, and has as many as it may"});
}

void link_table::forget(link_id id, const entry& last) {
  if (last.peer.empty()) return;
  std::erase(state_of(last.peer).accepted, id);
  if (last.paced && last.link)
    last.paced->unwritten -= std::min(last.link->unwritten(), last.paced->unwritten);
}

void link_table::came_up(link_id id, const hello& peer) {
  auto& entry = links_[id];
  link_up up{id,
             peer.name,
             peer.role,
             entry.dialled,
             peer.incarnation,
             entry.link->version(),
             entry.link->binding()};
  entry.limit.reset();
  auto until = entry.link->trusted_until();
  look_again_before(until ? *until : trust::clock_time::min()); // it may have ended since the handshake
  entry.peer = peer.name;
  if (!entry.over) entry.link->is_of(lines_.join(peer.name, entry.link->native_handle()));
  // A server's link carries what many ask for; each of these is held to his own at the server where he
  // begins.
  if (peer.role != role::server) entry.paced = &state_of(peer.name);
  entry.link->show_newer(); // there may have been a newer one since its handshake
  if (entry.owned) {
    entry.owner.tell(std::move(up));
    return entry.link->adopt();
  }
  make_room(id, peer.name);
  limit(id, time_to_adopt, {errc::failed, {}, peer.name + " was not adopted"});
  acceptor_.tell(std::move(up));
}

void link_table::limit(link_id id, std::chrono::milliseconds time, failure why) {
  auto timer = std::make_shared<asio::steady_timer>(context_, time);
  links_[id].limit = timer;
  auto still_set = [weak = std::weak_ptr(timer)] { return !weak.expired(); };
  timer->async_wait([this, id, still_set, why = std::move(why)](std::error_code cancelled) {
    if (!cancelled && still_set()) take_down(id, why);
  });
}

void link_table::adopt(link_id id, weak_owner<link_owner> owner) {
  auto entry = find(id);
  if (!entry)
    return owner.tell(link_down{id, {errc::hop_down, {}, "the link was gone before it was adopted"}});
  entry->owner = std::move(owner);
  entry->owned = true;
  entry->limit.reset();
  if (entry->link) entry->link->adopt();
}

void link_table::send(link_id id, const link_message& message) {
  auto entry = find(id);
  if (!entry || !entry->link) return;
  auto link = entry->link; // sending may take it down
  if (entry->paced && refuses(message)) entry->paced->pace.spend(cost_of_refusal, work_pace::clock::now());
  if (auto encoded = encode(message))
    send_on(id, *link, *encoded);
  else
    not_sent(id, message, encoded.error());
}

void link_table::send_on(link_id id, tls_link& link, const bytes& message) {
  auto* paced = find(id)->paced;
  if (paced && paced->unwritten + message.size() > most_unwritten)
    return take_down(id, {errc::busy, {}, find(id)->peer + " does not read what it asked for"});
  auto before = link.unwritten();
  link.send(message);
  if (paced && find(id)) paced->unwritten += link.unwritten() - before;
}

// A message that no peer would take fails alone: the link has done nothing wrong.
void link_table::not_sent(link_id id, const link_message& message, const failure& why) {
  if (auto request = std::get_if<open_request>(&message))
    links_[id].owner.tell(link_received{id, answer{request->number, why}});
  else if (auto reply = std::get_if<answer>(&message); reply && std::holds_alternative<opened>(reply->body))
    send(id, answer{reply->number, why});
  else
    take_down(id, why);
}

void link_table::hang_up(link_id id) {
  auto entry = find(id);
  if (!entry) return;
  auto last = std::move(*entry);
  links_.erase(id);
  forget(id, last);
  if (last.link) last.link->hang_up();
  if (last.over) last.over({}, last.link->received(), last.link->sent());
}

link_table::entry* link_table::find(link_id id) {
  auto found = links_.find(id);
  return found == links_.end() ? nullptr : &found->second;
}

void link_table::gone(link_id id, const failure& why) {
  auto found = links_.find(id);
  if (found == links_.end() || dial_others(id, why)) return;
  auto last = std::move(found->second);
  links_.erase(found);
  forget(id, last);
  if (last.over) last.over(why, last.link->received(), last.link->sent());
  if (last.owned)
    last.owner.tell(link_down{id, why});
  else if (why.code == errc::not_authorised)
    warn(why.text);
}

void link_table::warn(const std::string& line) {
  bool waits = warned_.due().has_value();
  if (warned_.note("peers", std::chrono::steady_clock::now())) return warn_(line);
  if (waits) return;
  warned_limit_.expires_at(*warned_.due());
  warned_limit_.async_wait([this](std::error_code) {
    for (const auto& more : warned_.take())
      warn_(std::to_string(more.count) + " more " + more.kind + " were refused in the last minute");
  });
}

void link_table::take_down(link_id id, const failure& why) {
  auto found = find(id);
  if (!found) return;
  if (auto link = found->link) link->abort();
  gone(id, why);
}

void link_table::recheck() {
  std::vector<std::pair<link_id, failure>> refused;
  auto first_end = trust::clock_time::max();
  for (const auto& [id, entry] : links_) {
    if (!entry.link) continue;
    if (auto until = entry.link->trusted_until())
      first_end = std::min(first_end, *until);
    else
      refused.emplace_back(id, until.error());
  }
  for (const auto& [id, why] : refused) take_down(id, why);
  if (!links_.empty()) look_again_before(first_end);
}

// Never later than planned: links that come up one after the other would put it off for ever.
void link_table::look_again_before(trust::clock_time end) {
  auto next = std::chrono::steady_clock::now() + until_next_look(setup_->own.wall_clock(), end);
  if (looking_ && look_.expiry() <= next) return;
  looking_ = true;
  look_.expires_at(next);
  look_.async_wait([this](std::error_code cancelled) {
    if (cancelled) return;
    looking_ = false;
    recheck();
  });
}

// Who has a session waits for its circuit's end, and the node for him.
void link_table::close_all() {
  look_.cancel();
  warned_limit_.cancel();
  for (auto& [id, entry] : std::exchange(links_, {})) {
    if (!entry.link) continue;
    if (entry.over)
      entry.over(failure{errc::cancelled, {}, "the node stops"}, entry.link->received(), entry.link->sent());
    entry.link->abort();
  }
}

} // namespace hublink
