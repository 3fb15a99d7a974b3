/// One transfer as all that is known of it: its row, and the events of all nodes; asked for anew when something of it happens.
import { useEffect, useState } from "../base/html.js";
import { useStore } from "../base/store.js";
import { history, transfers } from "../api/watch.js";
import { keptEvents, live } from "../api/live.js";
import { ask } from "../api/client.js";
import { OVER, joined } from "../model/transfers.js";

const rowsOf = answer => answer.history ?? answer.transfers ?? [];
const keyOf = event => `${event.time} ${event.node} ${event.event} ${event.hop ?? event.from ?? ""}`;

export function useTransfer(id) {
  const listed = [...useStore(transfers, value => value.rows), ...useStore(history, value => value.rows)].filter(
    row => row.transfer === id,
  );
  const { turn } = useStore(live);
  const [asked, put] = useState({ rows: [], events: [], missing: [], problem: null, done: false });
  const heard = keptEvents().filter(event => event.transfer === id);
  const row = joined([...listed, ...asked.rows])[0];
  const state = row?.state;
  useEffect(() => {
    let here = true;
    const look = async () => {
      try {
        const [trace, now, over] = await Promise.all([
          ask("GET", "/trace", { query: { transfer: id } }),
          ask("GET", "/transfers", { query: { transfer: id } }),
          ask("GET", "/history", { query: { transfer: id } }),
        ]);
        if (here)
          put({
            rows: [...rowsOf(now), ...rowsOf(over)],
            events: trace.trace ?? trace.events ?? [],
            missing: trace.missing ?? [],
            problem: null,
            done: true,
          });
      } catch (problem) {
        if (here) put(old => ({ ...old, problem, done: true }));
      }
    };
    look();
    return () => {
      here = false;
    };
  }, [id, state, OVER.has(state) ? heard.length : 0]);
  const events = [...new Map([...asked.events, ...heard].map(event => [keyOf(event), event])).values()];
  return {
    row,
    rows: [...listed, ...asked.rows],
    events,
    missing: asked.missing,
    problem: asked.problem,
    loaded: asked.done || Boolean(row),
    turn,
  };
}
