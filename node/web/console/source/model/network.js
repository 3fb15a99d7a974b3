/// What the map shows, put together from the topology and what every node says of itself. Pure.

const segmentsOf = node => (node.segment === undefined ? [] : [node.segment].flat());

/// up: all is well; waiting: it works, but somebody should look; wrong: it does not; unknown: it was not asked.
function nodeHealth(status, lacking, isHere) {
  if (isHere && !status) return { state: "up", sign: "up", why: [] };
  if (lacking) return { state: "wrong", sign: "down", why: [lacking.reason ?? ""] };
  if (!status) return { state: "unknown", sign: "unknown", why: [] };
  const wrong = [
    ...(status.failed ?? []).map(row => `${row.part}: ${row.reason}`),
    ...(status.not_listening ?? []).map(row => `${row.name} ${row.listen}: ${row.reason}`),
    ...(status.certificate?.state === "ended" ? [status.certificate.reason ?? "certificate"] : []),
  ];
  if (wrong.length) return { state: "wrong", sign: "trouble", why: wrong };
  const waiting = [
    ...(status.warnings ?? []),
    ...(status.held ? ["held"] : []),
    ...(status.definition?.drift ? ["drift"] : []),
    ...(status.certificate?.state === "expires-soon" ? ["expires-soon"] : []),
    ...Object.entries(status.definition?.behind ?? {}).map(([client, reason]) => `${client}: ${reason}`),
    ...(status.links ?? []).filter(link => link.twin).map(link => `twin: ${link.peer}`),
  ];
  return waiting.length ? { state: "waiting", sign: "attention", why: waiting } : { state: "up", sign: "up", why: [] };
}

export const lineName = (a, b) => [a, b].sort().join("~");

function costOf(value) {
  return typeof value === "object" ? value.cost : value;
}

/// One line a pair of neighbours, and one a client and its home server.
function linesOf(nodes) {
  const lines = new Map();
  for (const [name, node] of Object.entries(nodes)) {
    for (const [peer, value] of Object.entries(node.neighbours ?? {}))
      if (nodes[peer])
        lines.set(lineName(name, peer), {
          id: lineName(name, peer),
          ends: [name, peer].sort(),
          cost: costOf(value),
          home: false,
        });
    if (node.home && nodes[node.home])
      lines.set(lineName(name, node.home), { id: lineName(name, node.home), ends: [node.home, name], home: true });
  }
  return [...lines.values()];
}

function lineHealth(line, said, lacking) {
  const halves = line.ends.flatMap((end, at) => (said.get(end)?.links ?? []).filter(link => link.peer === line.ends[1 - at]));
  const figures = {
    circuits: Math.max(0, ...halves.map(half => half.circuits ?? 0)),
    rate: sum(halves.map(half => half.rate)),
    roundTrip: least(halves.map(half => half.round_trip_micros)),
    bytes: halves[0] && (halves[0].bytes_out ?? 0) + (halves[0].bytes_in ?? 0),
  };
  if (halves.some(half => half.up)) return { state: "up", ...figures };
  if (halves.length || line.ends.some(end => lacking.has(end))) return { state: "wrong", ...figures };
  return { state: "idle", ...figures };
}

const sum = values => (values.some(Number.isFinite) ? values.filter(Number.isFinite).reduce((a, b) => a + b, 0) : undefined);
const least = values => (values.some(Number.isFinite) ? Math.min(...values.filter(Number.isFinite)) : undefined);

/// Where no topology is known: those that spoke, and the neighbours they named.
function heardOf(statuses) {
  const nodes = {};
  for (const row of statuses) {
    const one = (nodes[row.node] ??= {});
    Object.assign(one, { role: row.role, address: row.address });
    for (const link of row.links ?? []) {
      const other = (nodes[link.peer] ??= { role: link.role });
      if (row.role !== "server") one.home ??= link.peer;
      else if (link.role === "server") (one.neighbours ??= {})[link.peer] = undefined;
      else other.home ??= row.node;
    }
  }
  return nodes;
}

/// `statuses`: what nodes said; `missing`: who could not be asked, and why; `here`: who answers, which a manager does not list.
export function describeNetwork(topology, statuses = [], missing = [], here = "") {
  const known = topology?.nodes ?? heardOf(statuses);
  const said = new Map(statuses.map(row => [row.node, row]));
  const lacking = new Map(missing.map(row => [row.node, row]));
  const nodes = Object.entries(known).map(([name, entry]) => ({
    name,
    role: entry.role,
    home: entry.home,
    segment: entry.role === "server" ? name : entry.home,
    networks: segmentsOf(entry),
    address: entry.address,
    status: said.get(name),
    ...nodeHealth(said.get(name), lacking.get(name), name === here),
  }));
  const lines = linesOf(known).map(line => ({ ...line, ...lineHealth(line, said, lacking) }));
  const segments = nodes
    .filter(node => node.role === "server")
    .map(server => {
      const members = nodes.filter(node => node.segment === server.name);
      return {
        server: server.name,
        networks: server.networks,
        members: members.map(node => node.name),
        counts: countStates(members),
      };
    });
  return { name: topology?.network ?? "", nodes, lines, segments, byName: new Map(nodes.map(node => [node.name, node])) };
}

function countStates(nodes) {
  const counts = { up: 0, waiting: 0, wrong: 0, unknown: 0 };
  for (const node of nodes) ++counts[node.state];
  return counts;
}

/// Link rates come from two listings: bytes since, over the time between.
export function withRates(before, now, seconds) {
  const old = new Map(before.flatMap(row => (row.links ?? []).map(link => [`${row.node} ${link.peer}`, link])));
  return now.map(row => ({
    ...row,
    links: (row.links ?? []).map(link => {
      const was = old.get(`${row.node} ${link.peer}`);
      const bytes = link.bytes_out;
      if (!was || !Number.isFinite(bytes) || !(seconds > 0) || bytes < was.bytes_out) return link;
      return { ...link, rate: (bytes - was.bytes_out) / seconds };
    }),
  }));
}
