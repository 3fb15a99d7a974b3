/// The way of one transfer, read from the events of all nodes. Pure.

/// Hops in the order in which they were told: who told whom, which try, how it went.
export function hopsOf(events) {
  const hops = [];
  const latest = new Map();
  const asked = new Map();
  for (const event of inOrder(events)) {
    if (event.event === "told") {
      const hop = {
        from: event.from,
        to: event.node,
        attempt: event.attempt ?? 1,
        told: event.time,
        state: "told",
        destination: event.destination,
        file: event.file,
        kind: event.kind,
      };
      hops.push(hop);
      latest.set(event.node, hop);
      continue;
    }
    if (event.event === "next") {
      (latest.get(event.node) ?? {}).next = event;
      asked.set(event.node, event);
    }
    if (event.event === "refused" && event.by === event.node && asked.has(event.node))
      hops.push(brokenHop(event, asked.get(event.node), latest.get(event.node)));
    const hop = latest.get(event.node);
    if (!hop) continue;
    if (event.event === "opened")
      Object.assign(hop, { opened: event.time, state: hop.state === "told" ? "carrying" : hop.state });
    if (event.event === "refused")
      Object.assign(hop, { refused: event.time, state: "failed", by: event.by, reason: event.reason });
    if (event.event === "received") Object.assign(hop, { received: event.time, state: "done", bytes: event.bytes });
    if (event.event === "closed")
      Object.assign(hop, { closed: event.time, state: hop.state === "failed" ? "failed" : event.result, bytes: event.bytes });
  }
  return hops;
}

/// The hop that was asked and never heard: the node before it found out.
function brokenHop(refused, next, before) {
  return {
    from: refused.node,
    to: next.hop,
    attempt: before?.attempt ?? 1,
    refused: refused.time,
    state: "failed",
    reason: refused.reason,
    by: next.by,
    host: next.host,
    dialled: next.dialled,
    file: before?.file,
  };
}

export function inOrder(events) {
  return [...events].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

/// The lines that the last attempt went over, for the map: the first hop is told by the sender itself.
export function edgesOf(events) {
  const hops = hopsOf(events);
  const last = new Map();
  for (const hop of hops) {
    if (hop.kind === "management") continue;
    const key = `${hop.from}>${hop.to}`;
    last.set(key, { from: hop.from, to: hop.to, state: hop.state, attempt: hop.attempt });
  }
  const attempt = Math.max(0, ...[...last.values()].map(edge => edge.attempt));
  return [...last.values()].filter(edge => edge.attempt === attempt).map((edge, at) => ({ ...edge, number: at + 1 }));
}

/// The same of a plan: what would be told.
export function edgesOfPlan(plan) {
  return (plan.steps ?? []).map((step, at) => ({
    from: step.node,
    to: step.hop,
    number: at + 1,
    told: step.told,
    by: step.by,
    host: step.host,
    dialled: step.dialled,
    fallback: step.fallback,
    state: "planned",
  }));
}

/// A row a node, a bar a circuit, for the timeline; in milliseconds from the first event.
export function timelineOf(events) {
  const sorted = inOrder(events);
  if (!sorted.length) return { rows: [], length: 0, start: "" };
  const start = new Date(sorted[0].time);
  const since = time => (time ? Math.max(0, new Date(time) - start) : undefined);
  const length = Math.max(1, since(sorted.at(-1).time));
  const rows = new Map();
  const row = node => rows.get(node) ?? rows.set(node, { node, bars: [], marks: [] }).get(node);
  for (const event of sorted)
    if (["received", "sent", "job", "refused"].includes(event.event))
      row(event.node).marks.push({ at: since(event.time), event });
    else row(event.node);
  for (const hop of hopsOf(sorted)) {
    if (!hop.told) continue;
    const end = hop.closed ?? hop.refused ?? hop.received;
    row(hop.to).bars.push({ from: since(hop.told), opened: since(hop.opened ?? (hop.received && hop.told)), to: end ? since(end) : length, open: !end, hop });
  }
  return { rows: [...rows.values()], length, start: sorted[0].time };
}
