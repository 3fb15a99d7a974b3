#include "node/link/link_table.hpp"

#include "protocol/trust/next_look.hpp"

namespace hublink {
namespace {

constexpr std::chrono::seconds time_to_adopt{5};

} // namespace

link_table::link_table(asio::io_context& context, std::shared_ptr<const link_setup> setup,
                       dial_settings dialling, warning warn)
    : context_(context), setup_(std::move(setup)), dialling_(std::move(dialling)), warn_(std::move(warn)),
      look_(context) {}

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

void link_table::dial(link_id id, const endpoint& where, std::string peer, weak_owner<link_owner> owner) {
  auto& made = links_[id];
  made.owner = std::move(owner);
  made.dialled = made.owned = true;
  auto text = peer + " (" + to_string(where) + ") does not answer within " +
              std::to_string(dialling_.timeout.count()) + " ms";
  connect(context_, where, dialling_, [this, id, peer, text](outcome<std::shared_ptr<tcp::socket>> got) {
    if (!links_.contains(id)) return;
    if (!got) return gone(id, {got.error().code, {}, peer + ": " + got.error().text});
    limit(id, dialling_.timeout, {errc::hop_down, {}, text});
    dialled(id, peer, std::move(*got));
  });
}

void link_table::dialled(link_id id, const std::string& peer, std::shared_ptr<tcp::socket> socket) {
  auto link = std::make_shared<tls_link>(std::move(*socket), setup_, events_of(id));
  links_[id].link = link;
  link->start_dialled(peer);
}

void link_table::begin_inside(link_id id, tcp::socket socket, bool dials, const std::string& peer,
                              weak_owner<link_owner> owner, over_handler over) {
  auto link = std::make_shared<tls_link>(std::move(socket), setup_, events_of(id));
  auto& made = links_[id];
  made.link = link;
  made.owner = std::move(owner);
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
      [this, id](link_message message) {
        if (auto entry = find(id)) entry->owner.tell(link_received{id, std::move(message)});
      },
      [this, id](const failure& why) { gone(id, why); },
  };
}

void link_table::came_up(link_id id, const hello& peer) {
  auto& entry = links_[id];
  link_up up{id, peer.name, peer.role, entry.dialled, peer.incarnation};
  entry.limit.reset();
  auto until = entry.link->trusted_until();
  look_again_before(until ? *until : trust::clock_time::min()); // it may have ended since the handshake
  if (entry.owned) {
    entry.owner.tell(std::move(up));
    return entry.link->adopt();
  }
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
  if (auto encoded = encode(message))
    link->send(*encoded);
  else
    not_sent(id, message, encoded.error());
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
  if (last.link) last.link->hang_up();
  if (last.over) last.over({}, last.link->received(), last.link->sent());
}

link_table::entry* link_table::find(link_id id) {
  auto found = links_.find(id);
  return found == links_.end() ? nullptr : &found->second;
}

void link_table::gone(link_id id, const failure& why) {
  auto found = links_.find(id);
  if (found == links_.end()) return;
  auto last = std::move(found->second);
  links_.erase(found);
  if (last.over) last.over(why, last.link->received(), last.link->sent());
  if (last.owned)
    last.owner.tell(link_down{id, why});
  else if (why.code == errc::not_authorised)
    warn_(why.text);
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
  for (auto& [id, entry] : std::exchange(links_, {})) {
    if (!entry.link) continue;
    if (entry.over)
      entry.over(failure{errc::cancelled, {}, "the node stops"}, entry.link->received(), entry.link->sent());
    entry.link->abort();
  }
}

} // namespace hublink
