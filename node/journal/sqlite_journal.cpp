#include "node/journal/sqlite_journal.hpp"
#include "actors/base/answer_promise.hpp"
#include "actors/base/spawn.hpp"
#include "actors/transfer/receive_rules.hpp"
#include "node/base/fault_point.hpp"
#include "node/journal/journal_migration.hpp"
#include "node/journal/journal_reader.hpp"
#include "node/journal/journal_store.hpp"

#include <algorithm>
#include <map>
#include <memory>

namespace hublink {

namespace {

failure journal_failure(const SQLite::Exception& error) {
  auto full = error.getErrorCode() == 13; // SQLITE_FULL
  return {full ? errc::no_space : errc::io_error, {}, std::string("journal: ") + error.what()};
}

/// The fault points around a sender's record.
std::pair<std::string_view, std::string_view> points_around(const transfer_record& record) {
  if (record.side == transfer_side::receiver && record.state == transfer_state::running &&
      record.safe.bytes > 0)
    return {"before-checkpoint", "after-checkpoint"};
  if (record.side != transfer_side::sender) return {};
  if (is_final(record.state)) return {"before-done", "after-done"};
  if (record.state != transfer_state::running) return {};
  if (record.all_sent) return {"before-all-sent", "after-all-sent"};
  return {"before-attempt", "after-attempt"};
}

/// Around what is new of a spool.
std::pair<std::string_view, std::string_view> points_around(const spool_change& change) {
  if (!change.now.results.empty()) return {"before-word", "after-word"};
  if (change.clears_failures) return {"before-spool", "after-spool"};
  if (change.now.held.end.empty()) return {"before-spool-checkpoint", "after-spool-checkpoint"};
  return {"before-spooled", "after-spooled"};
}

template <class T>
using promise_of = caf::typed_response_promise<std::conditional_t<std::is_same_v<T, caf::unit_t>, void, T>>;

/// What only the journal tells itself: remove a little of what is too old.
using self_pruning_journal = journal_actor::extend<caf::reacts_to<caf::delete_atom>>;

constexpr std::chrono::hours prune_every{1};
// While it removes rows others wait, so: little at a time, with pauses.
constexpr std::chrono::milliseconds prune_for{10}, prune_pause{100};
constexpr std::uint32_t prune_step = 32;

/// Group commit: a change is answered after the commit that follows all messages which wait by then.
class journal_state {
 public:
  static inline const char* name = "journal";

  explicit journal_state(self_pruning_journal::stateful_pointer<journal_state> self) : self_(self) {}

  self_pruning_journal::behavior_type start(std::shared_ptr<journal_store> store,
                                            std::function<std::chrono::system_clock::time_point()> wall_clock,
                                            std::function<std::int64_t()> steady_ms, std::chrono::hours keep,
                                            commit_watch committed) {
    keep_ = keep;
    committed_ = std::move(committed);
    steady_ms_ = std::move(steady_ms);
    self_->send(self_, caf::delete_atom_v);
    store_ = std::move(store);
    listings_ = spawn_journal_reader(self_->system(), store_->file());
    tallies_ = spawn_journal_reader(self_->system(), store_->file());
    wall_clock_ = std::move(wall_clock);
    return {
        [this](enqueue_atom, const transfer_record& record) {
          after_commit("after-enqueue");
          return change<transfer_record>([&]() -> outcome<transfer_record> {
            auto served = record.request.empty()
                              ? std::nullopt
                              : store_->find_served({record.request, record.file, requester_of(record)});
            if (served) return *served;
            auto kept = record;
            kept.sequence = store_->next_sequence(record.file, least_sequence());
            store_->save_new(kept);
            return kept;
          });
        },
        [this](save_atom, const transfer_record& record) {
          auto [before, after] = points_around(record);
          fault_point::reach(before);
          after_commit(after);
          live_.erase(key_of(record));
          return change<caf::unit_t>([&]() -> outcome<caf::unit_t> {
            if (auto allowed = may_be_saved(record); !allowed) return allowed.error();
            store_->save(record);
            return caf::unit_t{};
          });
        },
        [this](request_atom, const send_request& request, const transfer_id& transfer) {
          return change<caf::unit_t>([&]() -> outcome<caf::unit_t> {
            store_->save_request(request, transfer);
            return caf::unit_t{};
          });
        },
        [this](save_atom, const receiver_changes& what) {
          return change<caf::unit_t>([&]() -> outcome<caf::unit_t> {
            store_->save(what);
            return caf::unit_t{};
          });
        },
        [this](note_atom, const transfer_key& transfer, const transfer_progress& now) {
          live_[transfer] = now;
        },
        [this](admit_atom, const transfer_offer& offer) {
          after_commit("after-admit");
          return change<verdict>([&] { return admit_offer(offer); });
        },
        [this](save_atom, const publication& what) {
          fault_point::reach("before-publishing");
          after_commit("after-publishing");
          return change<caf::unit_t>([&] { return keep_publication(what); });
        },
        [this](commit_atom, const transfer_key& transfer) {
          fault_point::reach("before-commit");
          after_commit("after-commit");
          live_.erase(transfer);
          return change<caf::unit_t>([&]() -> outcome<caf::unit_t> {
            store_->commit_publication(transfer, now_ms());
            return caf::unit_t{};
          });
        },
        [this](cancel_atom, const transfer_id& transfer) {
          return change<transfer_record>([&] { return cancel(transfer); });
        },
        [this](recover_atom) {
          return change<std::vector<publication>>([&]() -> outcome<std::vector<publication>> {
            store_->queue_broken_receives();
            return store_->open_publications();
          });
        },
        [this](hold_atom, bool on) {
          return change<bool>([&]() -> outcome<bool> { return store_->hold(on); });
        },
        [this](hold_atom) { return change<bool>([&]() -> outcome<bool> { return store_->is_held(); }); },
        [this](save_atom, const transfer_key& transfer, const job_report& how) {
          after_commit("after-report");
          return change<caf::unit_t>([&]() -> outcome<caf::unit_t> {
            store_->save_report(transfer, how);
            return caf::unit_t{};
          });
        },
        [this](save_atom, const spool_change& what) {
          auto [before, after] = points_around(what);
          for (std::size_t i = 0; i < std::max<std::size_t>(1, what.now.results.size()); ++i) {
            fault_point::reach(before);
            after_commit(after);
          }
          return change<caf::unit_t>([&]() -> outcome<caf::unit_t> {
            store_->spools().save(what);
            return caf::unit_t{};
          });
        },
        [this](caf::delete_atom, const transfer_key& transfer) {
          fault_point::reach("before-spool-drop");
          after_commit("after-spool-drop");
          plan_commit();
          attempt([&] {
            open();
            store_->spools().remove(transfer);
          });
        },
        [this](spools_atom) {
          return change<std::vector<spool_record>>(
              [&]() -> outcome<std::vector<spool_record>> { return store_->spools().all(); });
        },
        [this](const transfer_query& query) {
          // One transfer is found at once; a listing may take its time, elsewhere.
          if (!query.transfer.empty() || !query.request.empty())
            return change<std::vector<transfer_record>>([&]() -> outcome<std::vector<transfer_record>> {
              return with_progress(store_->list(query));
            });
          return read<std::vector<transfer_record>>(listings_, query);
        },
        [this](const tally_query& query) { return read<transfer_tally>(tallies_, query); },
        [this](caf::tick_atom) { commit(); },
        [this](caf::delete_atom) { prune(); },
    };
  }

 private:
  std::int64_t now_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(wall_clock_().time_since_epoch()).count();
  }

  /// Of a clock that is ahead for a while no sequence stays: receivers refuse those from the future.
  std::int64_t least_sequence() const { return std::min(now_ms(), steady_ms_()); }

  outcome<verdict> admit_offer(const transfer_offer& offer) {
    auto record = store_->find(key_of(offer), transfer_side::receiver);
    std::optional<known_transfer> known;
    if (record) {
      auto kept = store_->find_publication(key_of(offer));
      known = known_of(*record, kept ? &*kept : nullptr);
    }
    auto answer = admit(known, store_->last_published(offer.sender, offer.file), offer);
    if (auto* no = std::get_if<decision::refuse>(&answer); no && no->why.code == errc::cancelled)
      store_->save(cancelled_record(record, offer, now_ms()));
    else if (auto* wanted = std::get_if<decision::welcome>(&answer))
      store_->save(admitted_record(record, offer, wanted->safe, now_ms()));
    return answer;
  }

  outcome<> may_be_saved(const transfer_record& record) {
    if (record.side != transfer_side::receiver) return {}; // spares the look
    auto kept = store_->find(key_of(record), record.side);
    return may_save(kept ? &*kept : nullptr, record);
  }

  /// By this node's user, who names an id: all that have it.
  outcome<transfer_record> cancel(const transfer_id& transfer) {
    transfer_query query;
    query.transfer = transfer;
    auto found = store_->list(query);
    std::erase_if(found, [](const auto& record) { return record.side != transfer_side::receiver; });
    if (found.empty()) return may_cancel(transfer, {}, false).error();
    std::optional<transfer_record> cancelled;
    outcome<> allowed;
    for (auto& record : found) {
      auto published = store_->find_publication(key_of(record)).has_value();
      if (allowed = may_cancel(transfer, record, published); !allowed) continue;
      cancelled = cancelled_record(record, {}, now_ms());
      store_->save(*cancelled);
    }
    if (cancelled) return *cancelled;
    return allowed.error();
  }

  outcome<caf::unit_t> keep_publication(const publication& what) {
    auto record = store_->find(what.key, transfer_side::receiver);
    if (!record) return failure{errc::failed, {}, "journal: publication of an unknown transfer"};
    auto last = store_->last_published(record->from, record->file);
    auto allowed = may_publish(known_of(*record), record->sequence, last, store_->last_open(what.key));
    if (!allowed) return allowed.error();
    store_->save_publication(what);
    return caf::unit_t{};
  }

  std::vector<transfer_record> with_progress(std::vector<transfer_record> all) const {
    for (auto& record : all) {
      if (record.state != transfer_state::running) continue;
      auto now = live_.find(key_of(record));
      if (now == live_.end()) continue;
      record.bytes = now->second.bytes;
      record.size = now->second.size;
      if (!now->second.waits.empty()) record.reason = failure{errc::timed_out, {}, now->second.waits};
    }
    return all;
  }
  transfer_tally with_progress(const transfer_tally& now) const { return now; }

  /// Asks `reader` once all changes are committed that were asked for before.
  template <class T, class Query>
  promise_of<T> read(const journal_reader_actor& reader, const Query& query) {
    promise_of<T> promise = self_->template make_response_promise<T>();
    plan_commit();
    answers_.push_back([this, promise, reader, query](const std::optional<failure>& broken) mutable {
      if (broken) {
        promise.deliver(to_error(*broken));
        return;
      }
      self_->request(reader, caf::infinite, query)
          .then([this, promise](T& found) mutable { promise.deliver(with_progress(std::move(found))); },
                [promise](const caf::error& no) mutable { promise.deliver(no); });
    });
    return promise;
  }

  /// Does `work` inside the open transaction; its answer waits for the commit.
  template <class T, class Work>
  promise_of<T> change(Work work) {
    auto promise =
        self_->template make_response_promise<std::conditional_t<std::is_same_v<T, caf::unit_t>, void, T>>();
    outcome<T> result{failure{}};
    plan_commit();
    attempt([&] {
      open();
      result = work();
    });
    answers_.push_back([promise, result](const std::optional<failure>& broken) mutable {
      if (broken)
        promise.deliver(to_error(*broken));
      else if (!result)
        promise.deliver(to_error(result.error()));
      else if constexpr (std::is_same_v<T, caf::unit_t>)
        static_cast<caf::response_promise&>(promise).deliver(caf::unit);
      else
        promise.deliver(std::move(*result));
    });
    return promise;
  }

  /// That point comes before the answer to the change that is made next.
  void after_commit(std::string_view point) {
    answers_.emplace_back([point](const std::optional<failure>&) { fault_point::reach(point); });
  }

  template <class Work>
  void attempt(Work work) {
    if (broken_) return;
    try {
      work();
    } catch (const SQLite::Exception& error) {
      broken_ = journal_failure(error);
    } catch (const std::exception& error) { // a row that can't be read, which only this change wants
      broken_ = failure{errc::io_error, {}, std::string("journal: ") + error.what()};
    }
  }

  // To the end of the mailbox: everything that waits now is part of the same commit.
  void plan_commit() {
    if (!std::exchange(planned_, true)) self_->send(self_, caf::tick_atom_v);
  }

  void open() {
    if (open_) return;
    store_->begin();
    open_ = true;
  }

  void prune() {
    auto before = steady_ms_() - std::chrono::milliseconds{keep_}.count();
    auto until = std::chrono::steady_clock::now() + prune_for;
    bool more = false;
    plan_commit();
    attempt([&] {
      open();
      do more = store_->prune(before, prune_step) == prune_step;
      while (more && std::chrono::steady_clock::now() < until);
    });
    more = more && !broken_; // what can't be written now can be in an hour
    self_->delayed_send(self_, more ? prune_pause : std::chrono::milliseconds{prune_every},
                        caf::delete_atom_v);
  }

  void commit() {
    planned_ = false;
    bool opened = std::exchange(open_, false);
    const auto began = std::chrono::steady_clock::now();
    if (opened) attempt([&] { store_->commit(); });
    if (opened && !broken_ && committed_) committed_(std::chrono::steady_clock::now() - began);
    auto broken = std::exchange(broken_, {});
    if (opened && broken) attempt([&] { store_->rollback(); });
    broken_.reset(); // on most errors SQLite has rolled back by itself
    for (auto& answer : std::exchange(answers_, {})) answer(broken);
  }

  self_pruning_journal::stateful_pointer<journal_state> self_;
  std::shared_ptr<journal_store> store_;
  journal_reader_actor listings_, tallies_; ///< a short question does not wait for a long answer
  std::function<std::chrono::system_clock::time_point()> wall_clock_;
  std::function<std::int64_t()> steady_ms_;
  std::map<transfer_key, transfer_progress> live_; ///< running transfers, not worth a write
  std::vector<std::function<void(const std::optional<failure>&)>> answers_;
  bool planned_ = false, open_ = false; ///< a commit; a transaction
  std::optional<failure> broken_;       ///< all that is part of this commit: SQLite may have rolled it back
  std::chrono::hours keep_{};
  commit_watch committed_;
};

} // namespace

outcome<std::shared_ptr<journal_store>> open_journal(const std::filesystem::path& file,
                                                     std::function<std::int64_t()> steady_ms) {
  try {
    return std::make_shared<journal_store>(file, std::move(steady_ms));
  } catch (const foreign_journal& no) {
    return failure{errc::bad_config, {}, no.what()};
  } catch (const SQLite::Exception& error) {
    auto why = journal_failure(error);
    why.text += " (" + file.string() + ")";
    return why;
  }
}

journal_actor spawn_sqlite_journal(caf::actor_system& system, std::shared_ptr<journal_store> store,
                                   std::function<std::chrono::system_clock::time_point()> wall_clock,
                                   std::function<std::int64_t()> steady_ms, std::chrono::hours keep,
                                   commit_watch committed) {
  auto behavior =
      [](self_pruning_journal::stateful_pointer<journal_state> self, std::shared_ptr<journal_store> store,
         std::function<std::chrono::system_clock::time_point()> wall_clock,
         std::function<std::int64_t()> steady_ms, std::chrono::hours keep, commit_watch committed) {
        note_if_it_falls(self);
        return self->state.start(std::move(store), std::move(wall_clock), std::move(steady_ms), keep,
                                 std::move(committed));
      };
  return system.spawn<caf::detached>(behavior, std::move(store), std::move(wall_clock), std::move(steady_ms),
                                     keep, std::move(committed));
}

} // namespace hublink
