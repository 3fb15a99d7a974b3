#include "simulation/sim/sim_journal.hpp"

#include "actors/ports/ids.hpp"

namespace hublink::sim {

/// Works on the rows at once and answers after the commit, as the real journal does.
class journal_state {
 public:
  static inline const char* name = "journal";

  explicit journal_state(journal_actor::stateful_pointer<journal_state> self) : self_(self) {}

  journal_actor::behavior_type start(sim_journal* of) {
    of_ = of;
    return {
        [this](enqueue_atom, const transfer_record& record) {
          return after_commit(of_->change([record](auto& rows) { return rows.enqueue(record); }));
        },
        [this](save_atom, const transfer_record& record) {
          return after_commit({}, of_->change([record](auto& rows) { return rows.update(record); }));
        },
        [this](save_atom, const receiver_changes& what) {
          return after_commit({}, of_->change([what](auto& rows) { return rows.keep(what), outcome<>{}; }));
        },
        [this](request_atom, const send_request& request, const transfer_id& transfer) {
          of_->change([=](auto& rows) {
            auto* served = rows.find(transfer, transfer_side::sender);
            if (!served) return false;
            journal_rows::request_name name{request.requester, request.file, request.request};
            return rows.requests.emplace(name, key_of(*served)).second;
          });
          return after_commit();
        },
        [](note_atom, const transfer_key&, const transfer_progress&) {},
        [this](admit_atom, const transfer_offer& offer) {
          return after_commit(
              of_->change([offer, now = now_ms()](auto& rows) { return rows.admit(offer, now); }));
        },
        [this](save_atom, const publication& what) {
          return after_commit({}, of_->change([what](auto& rows) { return rows.publish(what); }));
        },
        [this](commit_atom, const transfer_key& transfer) {
          of_->change([transfer, now = now_ms()](auto& rows) { return rows.commit(transfer, now), true; });
          return after_commit();
        },
        [this](cancel_atom, const transfer_id& transfer) {
          auto record =
              of_->change([transfer, now = now_ms()](auto& rows) { return rows.cancel(transfer, now); });
          return record ? after_commit(*record) : after_commit(transfer_record{}, record.error());
        },
        [this](recover_atom) { return after_commit(of_->change([](auto& rows) { return rows.begin(); })); },
        [this](hold_atom, bool on) {
          return after_commit(bool{of_->change([on](auto& rows) { return rows.held = on; })});
        },
        [this](hold_atom) { return after_commit(bool{of_->now_.held}); },
        [this](save_atom, const transfer_key& transfer, const job_report& how) {
          of_->change([=](auto& rows) { return rows.keep(transfer, how), true; });
          return after_commit();
        },
        [this](save_atom, const spool_change& what) {
          of_->change([what](auto& rows) { return rows.save(what), true; });
          return after_commit();
        },
        [this](caf::delete_atom, const transfer_key& transfer) {
          of_->change([transfer](auto& rows) { return rows.drop_spool(transfer), true; });
          of_->plan_commit(self_);
        },
        [this](spools_atom) { return after_commit(of_->now_.all_spools()); },
        [this](const transfer_query& query) { return after_commit(of_->now_.list(query)); },
        [this](const tally_query& query) { return after_commit(of_->now_.tally(query)); },
        [this](caf::tick_atom) { of_->commit(); },
    };
  }

 private:
  template <class T>
  using promised = std::conditional_t<std::is_same_v<T, caf::unit_t>, void, T>;
  template <class T>
  using promise_of = caf::typed_response_promise<promised<T>>;

  template <class T = caf::unit_t>
  promise_of<T> after_commit(T value = {}, outcome<> allowed = {}) {
    promise_of<T> promise = self_->make_response_promise<promised<T>>();
    of_->answers_.push_back(
        [promise, value = std::move(value), allowed](const std::optional<failure>& broken) mutable {
          if (broken)
            promise.deliver(to_error(*broken));
          else if (!allowed)
            promise.deliver(to_error(allowed.error()));
          else
            static_cast<caf::response_promise&>(promise).deliver(
                std::move(value)); // the typed one knows no "no value"
        });
    of_->plan_commit(self_);
    return promise;
  }

  std::int64_t now_ms() const {
    auto now = of_->world_.wall_clock().time_since_epoch() + of_->clock_offset;
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  }

  journal_actor::stateful_pointer<journal_state> self_;
  sim_journal* of_ = nullptr;
};

void sim_journal::plant(const transfer_record& record) {
  now_.save(record);
  durable_.save(record);
}

journal_actor sim_journal::start() {
  auto behavior = [](journal_actor::stateful_pointer<journal_state> self, sim_journal* of) {
    return self->state.start(of);
  };
  return world_.system().spawn(behavior, this);
}

void sim_journal::plan_commit(const journal_actor& whom) {
  if (std::exchange(planned_, true)) return;
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(whom);
  using namespace std::chrono_literals;
  auto takes = world_.chance(slow) ? world_.between(10ms, 1s) : world_.between(100us, 8ms);
  world_.after(takes, [weak] {
    if (auto alive = weak.lock()) caf::anon_send(caf::actor_cast<journal_actor>(alive), caf::tick_atom_v);
  });
}

void sim_journal::make_durable() {
  for (const auto& each : uncommitted_) each(durable_);
}

void sim_journal::commit() {
  if (!std::exchange(planned_, false)) return;
  std::optional<failure> broken;
  if (world_.chance(failing)) broken = failure{errc::io_error, {}, "journal: disk I/O error"};
  if (broken) now_ = durable_;
  if (!broken) make_durable();
  uncommitted_.clear();
  world_.note(node_, broken ? "journal failed" : "journal committed");
  for (auto& answer : std::exchange(answers_, {})) answer(broken);
}

void sim_journal::crash() {
  if (std::exchange(planned_, false) && world_.chance(500)) make_durable();
  uncommitted_.clear();
  now_ = durable_;
  answers_.clear();
}

} // namespace hublink::sim
