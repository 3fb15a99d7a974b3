/// Entry of the simulation: all tests (`--seeds N --from S`: the big one's), or one seed of the big one
/// (`--seed N`, with `--trace`).
#include "actors/base/fallen_actors.hpp"
#include "simulation/network/chaos.hpp"
#include "simulation/options.hpp"
#include "support/catch_session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iostream>

namespace hublink::sim {

run_options& options() {
  static run_options kept;
  return kept;
}

namespace {

int replay(std::uint64_t seed, bool trace) {
  auto result = run_chaos(seed, trace);
  for (const auto& line : result.trace) std::cout << line << '\n';
  for (const auto& [state, count] : result.outcomes) std::cout << state << ": " << count << '\n';
  for (const auto& each : result.violations) std::cout << "WRONG: " << each << '\n';
  std::cout << "seed " << seed << " hash " << std::hex << result.trace_hash << std::endl;
  return result.violations.empty() ? 0 : 1;
}

/// Whatever a test is about: no handler may throw.
bool none_fell() {
  const auto falls = fallen_actors::of_process().all();
  for (const auto& [actor, fall] : falls) std::cout << "FELL: " << actor << ": " << fall.reason << '\n';
  return falls.empty();
}

} // namespace
} // namespace hublink::sim

int main(int argc, char** argv) {
  namespace sim = hublink::sim;
  std::uint64_t seed = 0;
  bool trace = false;
  Catch::Session session;
  using Catch::Clara::Opt;
  spdlog::set_level(spdlog::level::err);
  session.cli(
      session.cli() | Opt(sim::options().seeds, "count")["--seeds"]("how many seeds of the big test") |
      Opt(sim::options().servers, "count")["--servers"]("how many servers the large network has") |
      Opt(sim::options().receivers, "count")["--receivers"]("how many receivers the large broadcast has") |
      Opt(sim::options().from, "seed")["--from"]("the first of them") |
      Opt(seed, "seed")["--seed"]("only this seed of the big test") |
      Opt(trace)["--trace"]("with all that happens"));
  if (auto code = session.applyCommandLine(argc, argv); code != 0) return code;
  auto code = seed != 0 ? sim::replay(seed, trace) : session.run();
  return sim::none_fell() ? code : std::max(code, 1);
}
