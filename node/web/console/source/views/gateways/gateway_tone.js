/// How a gateway, a link or a stream goes.
export const toneOf = state =>
  ({ listening: "good", serving: "good", up: "good", open: "running", failed: "wrong", down: "wrong", closed: "unknown" })[
    state
  ] ?? "waiting";
