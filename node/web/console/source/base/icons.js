/// The few pictures there are, all of one pen. Beside each stands a word: none says something alone.
import { html } from "./html.js";

const PATHS = {
  overview: "M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-4H4zM14 8h6V4h-6z",
  map: "M5 5h5v5H5zM15 15h4v4h-4zM17 7.5m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0M10 7.5h4.5M8 10v7h7",
  transfers: "M4 8h14m-4-4 4 4-4 4M20 16H6m4-4-4 4 4 4",
  files: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  gateways: "M4 12h5m6 0h5M9 7v10M15 7v10M12 9v6",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  administration: "M12 8m-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0M5 20c.6-4 3.4-6 7-6s6.4 2 7 6",
  find: "M10.5 10.500m-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0M15 15l5 5",
  good: "M4 12.500l5 5L20 6.5",
  running: "M5 12h13m-5-5 5 5-5 5",
  waiting: "M12 5v8m0 4v2",
  wrong: "M6 6l12 12M18 6 6 18",
  unknown: "M9 9a3 3 0 1 1 4.5 2.600C12.5 12.3 12 13 12 14m0 4v1",
  brand:
    "M12 12m-2.6 0a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0M12 9.400V4M14.3 13.300l4.7 2.700M9.7 13.3 5 16M12 3m-1.5 0a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0M20 16.600m-1.5 0a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0M4 16.600m-1.5 0a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0",
};

export function Icon({ name }) {
  return html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"
    stroke-linejoin="round" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
}

/// A state: its sign, its colour and its word.
export function State({ tone, children }) {
  return html`<span class="state ${tone}"><${Icon} name=${tone} />${children}</span>`;
}
