#include "actors/dispatcher.hpp"
#include "actors/ids.hpp"
#include "actors/sender.hpp"

#include <algorithm>

namespace hublink {

dispatcher_state::~dispatcher_state() {
  for (const auto& [id, sender] : running_) caf::anon_send_exit(sender, caf::exit_reason::user_shutdown);
}

dispatcher_actor::behavior_type dispatcher_state::start(environment_ptr env, leg_services leg,
                                                        journal_actor journal) {
  env_ = std::move(env);
  leg_ = std::move(leg);
  journal_ = std::move(journal);
  self_->set_down_handler([this](caf::down_msg& down) { sender_ended(down); });
  take_up_unfinished();
  return {
      [this](send_atom, const std::string& file) -> caf::result<transfer_record> {
        auto record = prepare(file);
        if (!record) return to_error(record.error());
        auto reply = self_->make_response_promise<transfer_record>();
        auto answer = std::make_shared<answer_to<transfer_record>>(reply);
        self_->request(journal_, caf::infinite, enqueue_atom_v, *record)
            .then(
                [this, answer](const transfer_record& kept) {
                  enqueue(kept);
                  answer->deliver(kept);
                },
                [this, answer](const caf::error& no) { answer->fail(to_failure(no, env_->self->node)); });
        return reply;
      },
      [this](watch_atom, const transfer_id& transfer, const watcher_actor& watcher) {
        return watch(transfer, watcher);
      },
      [this](const transfer_record& record) { changed(record); },
  };
}

// What was queued or running when the node stopped goes on with its next attempt: a journalled send is never
// forgotten.
void dispatcher_state::take_up_unfinished() {
  transfer_query unfinished;
  unfinished.finished = false;
  unfinished.limit = 1'000'000;
  self_->request(journal_, caf::infinite, unfinished)
      .then(
          [this](std::vector<transfer_record>& records) {
            std::reverse(records.begin(), records.end()); // oldest first
            for (auto& record : records)
              if (record.side == transfer_side::sender && !active_.count(record.transfer))
                enqueue(std::move(record));
          },
          [](const caf::error&) {});
}

outcome<transfer_record> dispatcher_state::prepare(const std::string& file) const {
  const auto& self = *env_->self;
  auto found = self.sends.find(file);
  if (found == self.sends.end())
    return failure{errc::unknown_file, self.node,
                   self.node + " has no send definition for " + file + "; define it under transfers"};
  auto facts = env_->files.probe(found->second.path);
  if (!facts) {
    auto why = facts.error();
    why.hop = self.node;
    return why;
  }
  transfer_record record;
  record.transfer = make_transfer_id(*env_);
  record.file = file;
  record.from = self.node;
  for (const auto& name : found->second.recipients) record.to[name] = transfer_state::queued;
  record.size = facts->size;
  record.path = found->second.path;
  record.started_ms = now_ms(*env_);
  return record;
}

void dispatcher_state::enqueue(transfer_record record) {
  record.state = transfer_state::queued;
  queue_.push_back(record.transfer);
  active_[record.transfer].record = std::move(record);
  start_next();
}

void dispatcher_state::start_next() {
  while (!queue_.empty() && running_.size() < std::size_t(env_->self->limits.transfers)) {
    auto id = std::move(queue_.front());
    queue_.pop_front();
    auto sender =
        spawn_sender(self_->system(), env_, {leg_, journal_, dispatcher_actor{self_}}, active_[id].record);
    self_->monitor(sender);
    self_->send(sender, begin_atom_v);
    running_.emplace(std::move(id), std::move(sender));
  }
}

void dispatcher_state::changed(const transfer_record& record) {
  auto found = active_.find(record.transfer);
  if (found == active_.end()) return;
  found->second.record = record;
  for (const auto& weak : found->second.watchers)
    if (auto watcher = weak.lock()) self_->send(caf::actor_cast<watcher_actor>(watcher), record);
}

bool dispatcher_state::watch(const transfer_id& transfer, const watcher_actor& watcher) {
  auto found = active_.find(transfer);
  if (found == active_.end()) return false;
  found->second.watchers.push_back(caf::actor_cast<caf::weak_actor_ptr>(watcher));
  self_->send(watcher, found->second.record);
  return true;
}

void dispatcher_state::sender_ended(const caf::down_msg& down) {
  auto over = std::find_if(running_.begin(), running_.end(),
                           [&](const auto& one) { return one.second.address() == down.source; });
  if (over == running_.end()) return;
  auto id = over->first;
  running_.erase(over);
  auto record = active_[id].record;
  if (!is_final(record.state)) {
    // A sender that broke must not leave its transfer without an outcome.
    record.state = record.all_sent ? transfer_state::unconfirmed : transfer_state::failed;
    record.reason = failure{errc::failed, env_->self->node, "the sender ended unexpectedly"};
    record.ended_ms = now_ms(*env_);
    for (auto& [name, state] : record.to) state = record.state;
    self_->request(journal_, caf::infinite, save_atom_v, record).then([] {}, [](const caf::error&) {});
    changed(record);
  }
  active_.erase(id);
  start_next();
}

dispatcher_actor spawn_dispatcher(caf::actor_system& system, environment_ptr env, leg_services leg,
                                  journal_actor journal) {
  auto behavior = [](dispatcher_actor::stateful_pointer<dispatcher_state> self, environment_ptr env,
                     leg_services leg, journal_actor journal) {
    return self->state.start(std::move(env), std::move(leg), std::move(journal));
  };
  return system.spawn(behavior, std::move(env), std::move(leg), std::move(journal));
}

} // namespace hublink
