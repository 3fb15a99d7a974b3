#include "actors/transfer/retry.hpp"

#include <algorithm>

namespace hublink {

namespace {

using std::chrono::milliseconds;

/// Attempts in a row without `retry`: a line may flip a bit or break now and then, a hub needs some seconds
/// to start again, and a hub that alters or cuts everything is not worth more.
int own_attempts(errc code) {
  switch (code) {
  case errc::tampered:
  case errc::bad_message:
  case errc::bad_token:
  case errc::bad_config: // as a hub says, without proof
  case errc::not_authorised:
  case errc::replayed:
  case errc::file_exists:
  case errc::superseded:
  case errc::cancelled:
    return 3;
  case errc::cut:
    return 4;
  default:
    return 6;
  }
}

constexpr int longest_pause = 6; // 100 ms tripled so often: 24 s

milliseconds tripled(int times) {
  milliseconds pause{100};
  for (int i = 1; i < std::min(times, longest_pause); ++i) pause *= 3;
  return pause;
}

} // namespace

std::optional<milliseconds> pause_before_next(const retry_policy& policy, const broken_attempt& attempt) {
  const auto code = attempt.why.code;
  if (is_for_good(attempt.why)) return {};
  if (policy.count > 0) {
    if (attempt.in_a_row > policy.count) return {};
    return std::chrono::seconds{policy.every_s};
  }
  // A hop has as much as it takes from this neighbour: what exceeds that waits for its turn.
  if (code == errc::busy) return tripled(attempt.in_a_row);
  if (attempt.in_a_row >= own_attempts(code)) return {};
  bool may_be_mended = is_of_the_way(code) || is_for_good(said_by_end(attempt.why)); // if it were true
  if (!may_be_mended || !(attempt.begun || is_disturbance(code))) return {};
  return tripled(attempt.in_a_row);
}

bool puts_in_doubt(const failure& why) {
  return is_of_the_way(why.code) && !is_disturbance(why.code) && why.code != errc::busy &&
         why.by == evidence::seen;
}

int failures_outlasted(const retry_policy& policy, int in_a_row, bool begun) {
  if (policy.count > 0) return std::max(0, policy.count - in_a_row);
  return begun ? std::max(0, own_attempts(errc::timed_out) - 1 - in_a_row) : 0;
}

milliseconds pause_before_asking(int earlier, milliseconds longest) {
  milliseconds pause{2'000};
  for (int i = 0; i < earlier && pause < longest; ++i) pause *= 2;
  return std::min(pause, longest);
}

outcome<transfer_record> reopened(const std::vector<transfer_record>& found, const std::string& here) {
  for (auto record : found) {
    if (record.side != transfer_side::sender) continue;
    if (record.state != transfer_state::failed && record.state != transfer_state::unconfirmed &&
        record.state != transfer_state::partial && record.state != transfer_state::spooled)
      return failure{errc::failed, here,
                     record.transfer + " is " + std::string{to_string(record.state)} +
                         "; only a failed, partial, spooled or unconfirmed one can be tried again"};
    if (record.job_due)
      return failure{errc::busy, here, record.transfer + " waits for its post_send job; try again then"};
    set_state(record, transfer_state::queued);
    record.ended_ms.reset();
    return record;
  }
  return failure{errc::failed, here, "no such transfer was sent from here; see hublink history"};
}

} // namespace hublink
