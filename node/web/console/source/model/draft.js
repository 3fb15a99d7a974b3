/// A draft of the topology: each change makes a new document, so undo and redo are two lists. Pure.

const copy = value => structuredClone(value);

export const startDraft = topology => ({ base: topology, now: topology, past: [], future: [] });

export function changed(draft, step) {
  const next = copy(draft.now);
  step(next);
  if (JSON.stringify(next) === JSON.stringify(draft.now)) return draft;
  return { ...draft, past: [...draft.past, draft.now].slice(-200), now: next, future: [] };
}

export function undone(draft) {
  if (!draft.past.length) return draft;
  return { ...draft, now: draft.past.at(-1), past: draft.past.slice(0, -1), future: [draft.now, ...draft.future] };
}

export function redone(draft) {
  if (!draft.future.length) return draft;
  return { ...draft, now: draft.future[0], past: [...draft.past, draft.now], future: draft.future.slice(1) };
}

/// How many entries (nodes, transfers, gateways, groups, the rest) are other ones than in what is applied.
export function differences(draft) {
  const found = [];
  for (const part of ["nodes", "transfers", "gateways", "groups"]) {
    const [was, is] = [draft.base?.[part] ?? {}, draft.now?.[part] ?? {}];
    for (const name of new Set([...Object.keys(was), ...Object.keys(is)])) {
      if (JSON.stringify(was[name]) === JSON.stringify(is[name])) continue;
      found.push({ part, name, how: !(name in was) ? "added" : !(name in is) ? "removed" : "changed" });
    }
  }
  for (const name of ["network", "resolver"])
    if (draft.base?.[name] !== draft.now?.[name]) found.push({ part: name, name: "", how: "changed" });
  return found;
}

export function freeName(topology, part, stem) {
  const taken = topology[part] ?? {};
  for (let number = 1; ; ++number) {
    const name = `${stem}${part === "transfers" ? String(number).padStart(2, "0") : number}`;
    if (!(name in taken)) return name;
  }
}

export function addNode(topology, name, node) {
  (topology.nodes ??= {})[name] = node;
}

/// Takes a node out, and every mention of it: a rule that names nobody would only be a problem.
export function removeNode(topology, name) {
  delete topology.nodes[name];
  for (const node of Object.values(topology.nodes)) {
    if (node.neighbours) delete node.neighbours[name];
    if (node.home === name) delete node.home;
    if (node.default_route === name) delete node.default_route;
    if (node.routes) node.routes = node.routes.filter(route => route.via !== name);
    for (const table of ["hosts", "proxies"]) if (node[table]) delete node[table][name];
  }
  for (const [file, transfer] of Object.entries(topology.transfers ?? {})) {
    if (transfer.from === name) delete topology.transfers[file];
    transfer.to = (transfer.to ?? []).filter(receiver => receiver !== name);
    if (transfer.via) transfer.via = transfer.via.filter(server => server !== name);
    if (transfer.broadcast_at === name) delete transfer.broadcast_at;
    if (!transfer.to.length) delete topology.transfers[file];
  }
  for (const members of Object.values(topology.groups ?? {}))
    members.splice(0, members.length, ...members.filter(member => member !== name));
  for (const [gateway, entry] of Object.entries(topology.gateways ?? {}))
    if (entry.calling === name || entry.called === name) delete topology.gateways[gateway];
}

/// A line between two servers, or the home of a client or manager. False if the two can have none.
export function connect(topology, one, other) {
  const [a, b] = [topology.nodes[one], topology.nodes[other]];
  if (!a || !b || one === other) return false;
  if (a.role === "server" && b.role === "server") {
    if (!(other in (a.neighbours ?? {})) && !(one in (b.neighbours ?? {}))) (a.neighbours ??= {})[other] = 1;
    return true;
  }
  if (a.role === "server") b.home = one;
  else if (b.role === "server") a.home = other;
  else return false;
  return true;
}

export function disconnect(topology, one, other) {
  const [a, b] = [topology.nodes[one], topology.nodes[other]];
  if (a?.neighbours) delete a.neighbours[other];
  if (b?.neighbours) delete b.neighbours[one];
  if (a?.home === other) delete a.home;
  if (b?.home === one) delete b.home;
}

/// Names of a path of `check`: "nodes.HOST1.neighbours.ServerA", list entries as [1]. Names may have dots: the longest that is there counts.
export function placeOf(path, topology) {
  for (const part of ["nodes", "transfers", "gateways", "groups"]) {
    if (path !== part && !path.startsWith(part + ".")) continue;
    const rest = path.slice(part.length + 1);
    const names = Object.keys(topology[part] ?? {}).filter(
      name => rest === name || rest.startsWith(name + ".") || rest.startsWith(name + "["),
    );
    const name = names.sort((a, b) => b.length - a.length)[0] ?? rest.split(".")[0];
    return { part, name, field: rest.slice(name.length).replace(/^\./, "") };
  }
  return { part: "", name: "", field: path };
}

export const problemsAt = (problems, topology, part, name) =>
  problems
    .map(problem => ({ ...problem, ...placeOf(problem.path, topology) }))
    .filter(problem => problem.part === part && problem.name === name);

/// The next address for a new node: inside the segment of its server, the first that nobody has.
export function freeAddress(topology, role, home) {
  const taken = new Set(Object.values(topology.nodes ?? {}).map(node => String(node.address).replace(/:\d+$/, "")));
  const base = role === "server" ? null : segmentBase(topology.nodes?.[home]);
  const port = role === "client" ? 30000 : 40000;
  if (base) for (let last = 11; last < 255; ++last) if (!taken.has(`${base}.${last}`)) return `${base}.${last}:${port}`;
  for (let third = 1; third < 255; ++third) {
    const address = `127.1.${third}.${role === "server" ? 1 : 200}`;
    if (!taken.has(address)) return `${address}:${port}`;
  }
  return "";
}

function segmentBase(server) {
  const found = /^(\d+\.\d+\.\d+)\.\d+\/\d+$/.exec([server?.segment ?? ""].flat()[0] ?? "");
  return found?.[1];
}

export function freeSegment(topology) {
  const taken = new Set(Object.values(topology.nodes ?? {}).flatMap(node => [node.segment ?? []].flat()));
  for (let third = 1; third < 255; ++third) if (!taken.has(`127.1.${third}.0/24`)) return `127.1.${third}.0/24`;
  return "";
}
