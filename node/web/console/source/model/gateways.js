/// Gateways of the whole network, put together of what each server says of its own side.

/// One row a gateway: `calling` is the side that listens, and says how it goes.
export function gatewayRows(servers) {
  const rows = new Map();
  for (const server of servers)
    for (const gateway of server.gateways ?? []) {
      const own = !gateway.called; // socks, redirect: of that server alone
      const key = own ? `${gateway.name} ${server.node}` : gateway.name;
      const known = rows.get(key) ?? { key, ...gateway, streams: 0, sides: [] };
      const listens = gateway.calling === server.node;
      known.sides.push({ node: server.node, state: gateway.state, reason: gateway.reason });
      rows.set(key, { ...known, ...(listens ? gateway : {}), key, sides: known.sides, streams: known.streams + (listens ? (gateway.streams ?? 0) : 0) });
    }
  return [...rows.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/// One row two servers: a link is told of by both, and by one alone where the other is not asked.
export function linkRows(servers) {
  const rows = new Map();
  for (const server of servers)
    for (const link of server.links ?? []) {
      const [a, b] = [server.node, link.peer].sort();
      const key = `${a}~${b}`;
      const there = server.node === a;
      const said = {
        out: there ? link.bytes_out : link.bytes_in,
        back: there ? link.bytes_in : link.bytes_out,
      };
      const known = rows.get(key) ?? { key, a, b, state: link.state, since: link.since, streams: 0, opened: 0, out: 0, back: 0 };
      rows.set(key, {
        ...known,
        state: known.state === "up" ? link.state : known.state,
        since: link.since > known.since ? link.since : known.since,
        trip: link.round_trip_micros ?? known.trip,
        streams: Math.max(known.streams, link.streams ?? 0),
        opened: Math.max(known.opened, (link.opened ?? 0) + (link.accepted ?? 0)),
        out: Math.max(known.out, said.out ?? 0),
        back: Math.max(known.back, said.back ?? 0),
      });
    }
  return [...rows.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

const hostOf = end => String(end ?? "").replace(/:\d+$/, "");

/// Who talks to whom: streams of one application's machine to one destination are one row.
export function talkRows(streams) {
  const rows = new Map();
  for (const stream of streams) {
    if (stream.side === "called") continue; // the same one, seen from its far side
    const key = JSON.stringify([stream.gateway, hostOf(stream.from), stream.to, stream.node, stream.peer]);
    const known = rows.get(key) ?? { ...stream, key, from: hostOf(stream.from), count: 0, bytes: 0, bytes_back: 0 };
    known.count += 1;
    known.bytes += stream.bytes ?? 0;
    known.bytes_back += stream.bytes_back ?? 0;
    rows.set(key, known);
  }
  return [...rows.values()].sort((a, b) => b.bytes + b.bytes_back - (a.bytes + a.bytes_back));
}
