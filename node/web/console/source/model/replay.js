/// The state of the network at a moment of the last hour, from the events. Pure.
import { inOrder } from "./journey.js";

/// Transfers that were on their way then, with the hops they had, and servers whose session was lost.
export function stateAt(events, moment) {
  const running = new Map();
  const lost = new Set();
  for (const event of inOrder(events)) {
    if (event.time > moment) break;
    if (event.event === "session_lost") lost.add(event.server);
    if (event.event === "login" && !event.reason) lost.delete(event.server);
    if (!event.transfer) continue;
    if (event.event === "told" && event.kind !== "management") {
      const row = running.get(event.transfer) ?? {
        transfer: event.transfer,
        file: event.file,
        kind: event.kind,
        edges: new Map(),
      };
      row.edges.set(`${event.from}>${event.node}`, { from: event.from, to: event.node, state: "carrying" });
      running.set(event.transfer, row);
    }
    if (event.event === "sent") running.delete(event.transfer);
    if (["closed", "refused"].includes(event.event)) endAt(running, event);
  }
  return { running: [...running.values()].map(row => ({ ...row, edges: [...row.edges.values()] })), lost };
}

function endAt(running, event) {
  const row = running.get(event.transfer);
  if (!row) return;
  for (const [key, edge] of row.edges) if (edge.to === event.node) row.edges.delete(key);
  if (!row.edges.size) running.delete(event.transfer);
}

export function spanOfEvents(events) {
  const times = events
    .map(event => event.time)
    .filter(Boolean)
    .sort();
  return times.length ? { from: times[0], to: times.at(-1) } : null;
}
