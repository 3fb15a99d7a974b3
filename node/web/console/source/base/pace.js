/// When something that is done again and again may be done next, so that it takes no more than a share of the time. Pure.

/// `share`: of the time, on the whole. Times in milliseconds. Each round asks for a rest; who has a reason may begin while `ahead` of rest is
/// still to come, or while no more is to come than the last round asked for.
export function makePace(share, ahead) {
  let restedAt = 0,
    lastRest = 0;
  return {
    did(began, took) {
      lastRest = took / share;
      restedAt = Math.max(restedAt, began) + lastRest;
    },
    /// From `now`, at least `ms`.
    wait: (now, ms, hasReason = false) => Math.max(ms, restedAt - now - (hasReason ? Math.max(ahead, lastRest) : 0)),
  };
}
