#pragma once
/// Small things that every actor of a circuit shares.
#include "actors/circuit/circuit_interface.hpp"
#include "actors/ports/environment.hpp"

namespace hublink {

/// The `closed` event for the end of a circuit that ends here.
inline event::closed closed_event(const ended& what, event::circuit_mark of = {}) {
  auto result = what.result                                   ? "done"
                : what.result.error().code == errc::cancelled ? "cancelled"
                : what.result.error().code == errc::cut       ? "cut"
                : what.result.error().code == errc::hop_down  ? "cut"
                : what.result.error().code == errc::line_down ? "cut"
                                                              : "failed";
  return {.bytes = what.bytes, .bytes_back = what.bytes_back, .result = result, .of = std::move(of)};
}

/// Of what a neighbour asked for.
inline event::circuit_mark mark_of(const open& request, bool is_branch = false) {
  return {
      .open_id = request.open_id, .came_by = request.came_by, .is_branch = is_branch, .kind = request.kind};
}

inline event::refused refused_event(const failure& why, event::circuit_mark of) {
  return {.by = why.hop, .reason = why.text, .code = why.code, .of = std::move(of)};
}

/// For an owner that can't decide that: the end on the circuit must not wait for ever.
inline void refuse_question(environment& env, const consulted& asked) {
  env.plane.resume(asked.circuit, decision::refuse{unfit(asked.question)});
}

/// Lets the asker attach its side of `circuit`: by a token in the answer, or, where the asker can't dial, by
/// dialling back to it. Returns the token for the answer (all zero after dialling back).
inline token admit_near_side(environment& env, circuit_id circuit, const arrived_open& arrived) {
  const auto& dial_back = arrived.request.dial_back;
  env.plane.goes_over(circuit, side::near, arrived.from);
  if (!dial_back) return env.plane.expect(circuit, side::near);
  env.plane.attach(circuit, side::near, arrived.asker, *dial_back);
  return {};
}

} // namespace hublink
