#pragma once
/// One simulated world: an actor system without threads, virtual time, and a seed from which everything is
/// drawn. The same seed gives the same run, to the last message. Not thread-safe; nothing in it blocks.
#include "actors/base/failures.hpp"
#include "actors/ports/environment.hpp"
#include "simulation/network/seeded_random.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hublink::sim {

using duration = std::chrono::nanoseconds;

/// When every world begins, by its nodes' clocks.
inline constexpr std::chrono::system_clock::time_point first_morning =
    std::chrono::sys_days{std::chrono::year{2030} / 1 / 1};

class world {
 public:
  explicit world(std::uint64_t seed, bool keep_trace = false);
  ~world();

  caf::actor_system& system() { return system_; }

  // -- time
  // -------------------------------------------------------------------------------------------------------
  duration now() const; ///< since the world's begin
  std::chrono::system_clock::time_point wall_clock() const;
  /// What nobody can set: a node's own count of time.
  std::int64_t steady_ms() const;
  /// Events of one moment happen in the order in which they were planned.
  void after(duration delay, std::function<void()> what);

  // -- chance
  // -----------------------------------------------------------------------------------------------------
  std::uint64_t draw() { return random_(); }
  std::uint64_t below(std::uint64_t bound) { return bound < 2 ? 0 : random_() % bound; }
  duration between(duration least, duration most);
  bool chance(unsigned per_mille) { return below(1000) < per_mille; }

  // -- the run
  // ----------------------------------------------------------------------------------------------------
  /// One actor's next message, or, when no actor has any, the step to the next moment. False: nothing is left
  /// to happen.
  bool step();
  /// False: `limit` of virtual time passed, or nothing is left, and it still does not hold.
  bool run_until(const std::function<bool()>& holds, duration limit);
  void run_for(duration time);
  /// Runs the actors that have messages; time stands still.
  void settle();
  /// Before whatever the planned events belong to ends.
  void forget_events() { events_.clear(); }
  /// Live actors, those of the system itself included.
  std::size_t actors() { return system_.registry().running(); }

  // -- the trace
  // --------------------------------------------------------------------------------------------------
  /// A line `TIME NODE WHAT`. Lines may hold nothing that is random outside of the seed (keys, lengths of
  /// signatures).
  void note(std::string_view node, std::string_view what);
  std::uint64_t trace_hash() const { return hash_; }
  const std::vector<std::string>& trace() const { return trace_; } ///< empty unless kept

 private:
  struct config : caf::actor_system_config {
    config();
  };

  void run_job();
  void step_to(duration moment);
  void run_event();

  config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  caf::actor_clock::time_point begin_;
  std::mt19937_64 random_;
  seeded_random keys_;
  std::map<std::pair<duration, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t planned_ = 0;
  bool keep_trace_;
  std::uint64_t hash_ = 14695981039346656037u; // FNV-1a
  std::vector<std::string> trace_;
};

/// Puts a question to an actor and calls `then` with the answer, from inside the run.
template <class T, class Handle, class... Ts>
void ask(world& in, const Handle& whom, std::chrono::milliseconds limit, std::function<void(outcome<T>)> then,
         Ts... question) {
  in.system().spawn([=](caf::event_based_actor* self) {
    self->request(whom, limit, question...)
        .then([=](T& value) { then(outcome<T>{std::move(value)}); },
              [=](caf::error& error) { then(outcome<T>{to_failure(error, "")}); });
  });
}

} // namespace hublink::sim
