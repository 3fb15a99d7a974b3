#include "actors/link/asked_opens.hpp"

#include <utility>

namespace hublink {

void asked_opens::begin(environment_ptr env, std::string peer, role peer_role) {
  env_ = std::move(env);
  peer_ = std::move(peer);
  peer_role_ = peer_role;
}

void asked_opens::transmit(const peer_connection& over, question asked) {
  if (auto fine = check_version(asked.request.kind, peer_, peer_role_, over.version); !fine)
    return asked.reply.fail({fine.error().code, env_->self->node, fine.error().text});
  auto key = asked.request.key();
  auto number = requests_.add({std::move(asked.reply), std::move(key), over.id}, asked.deadline);
  env_->plane.send(over.id, open_request{number, std::move(asked.request)});
}

void asked_opens::serve_waiting(const peer_connection* over, const failure& if_down) {
  for (auto& asked : std::exchange(waiting_, {}))
    if (over)
      transmit(*over, std::move(asked));
    else
      asked.reply.fail(if_down);
}

bool asked_opens::drop_waiting(const open_key& key) {
  return std::erase_if(waiting_, [&](const auto& asked) { return asked.request.key() == key; }) > 0;
}

// What lies behind an answer that comes too late ends by the abandon that was sent.
void asked_opens::take(const answer& got) {
  auto pending = requests_.take(got.number);
  if (!pending) return;
  if (auto* yes = std::get_if<opened>(&got.body))
    pending->reply.deliver(*yes);
  else
    pending->reply.fail(std::get<failure>(got.body));
}

void asked_opens::fail_over(link_id connection, const failure& why) {
  for (auto& lost : requests_.take_if([&](const auto& each) { return each.connection == connection; }))
    lost.reply.fail(why);
}

void asked_opens::expire(time_point now,
                         const std::function<void(link_id over, const open_key&)>& with_each) {
  for (auto& late : requests_.expire(now)) {
    with_each(late.connection, late.key);
    late.reply.fail({errc::timed_out, env_->self->node, peer_ + " gave no answer within the time budget"});
  }
}

bool asked_opens::await_answer_over(const peer_connection& connection) const {
  return requests_.any([&](const auto& each) { return each.connection == connection.id; });
}

} // namespace hublink
