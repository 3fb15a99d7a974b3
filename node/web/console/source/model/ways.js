/// Shortest ways between servers, as the nodes go them: least cost, then fewer hops, then the first by name. Pure.

export function wayBetween(network, from, to) {
  const costs = new Map([[from, { cost: 0, way: [from] }]]);
  const open = new Set([from]);
  while (open.size) {
    const here = [...open].sort((a, b) => order(costs.get(a), costs.get(b)))[0];
    open.delete(here);
    if (here === to) break;
    for (const line of network.lines) {
      if (line.home || !line.ends.includes(here)) continue;
      const next = line.ends.find(end => end !== here);
      const found = { cost: costs.get(here).cost + (line.cost ?? 1), way: [...costs.get(here).way, next] };
      if (costs.has(next) && order(costs.get(next), found) <= 0) continue;
      costs.set(next, found);
      open.add(next);
    }
  }
  return costs.get(to)?.way ?? [];
}

function order(a, b) {
  return (
    a.cost - b.cost || a.way.length - b.way.length || (a.way.join() < b.way.join() ? -1 : a.way.join() > b.way.join() ? 1 : 0)
  );
}

/// Of each login that failed or was lost: the way from the manager, good up to the hop that found out, broken behind it.
export function loginWays(network, manager, rows) {
  const home = network.byName.get(manager)?.home;
  if (!home) return [];
  const edges = [];
  for (const row of rows.filter(one => ["failed", "lost"].includes(one.state))) {
    const way = [manager, ...wayBetween(network, home, row.server)];
    const at = row.hop ? way.indexOf(row.hop) : -1;
    const last = way.length - 1;
    const broken = row.code === "not-authenticated" || at < 0 ? last : Math.min(at + 1, last); // a lost one may name the server itself
    way
      .slice(1, broken + 1)
      .forEach((to, step) => edges.push({ from: way[step], to, state: step + 1 === broken ? "failed" : "done" }));
  }
  const seen = new Map(edges.map(edge => [`${edge.from}>${edge.to}>${edge.state === "failed"}`, edge]));
  return [...seen.values()];
}
