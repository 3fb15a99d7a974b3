/// Gives an entry of the topology another name, wherever it is mentioned, and nowhere else: a node may be called `server`. Pure.

const swapped = (old, name) => value => (value === old ? name : value);

/// The same entry at the same place of its table.
function rekeyed(table, old, name) {
  if (!table || !(old in table)) return;
  const rows = Object.entries(table).map(([key, value]) => [key === old ? name : key, value]);
  for (const key of Object.keys(table)) delete table[key];
  Object.assign(table, Object.fromEntries(rows));
}

function inFields(entry, fields, old, name) {
  for (const field of fields) {
    if (entry?.[field] === old) entry[field] = name;
    else if (Array.isArray(entry?.[field])) entry[field] = entry[field].map(swapped(old, name));
  }
}

function mentionsOfNode(topology, old, name) {
  for (const node of Object.values(topology.nodes ?? {})) {
    inFields(node, ["home", "default_route"], old, name);
    inFields(node.proxy, ["called"], old, name);
    for (const table of ["neighbours", "hosts", "proxies"]) rekeyed(node[table], old, name);
    for (const host of Object.keys(node.proxies ?? {})) inFields(node.proxies, [host], old, name);
    for (const route of Array.isArray(node.routes) ? node.routes : []) inFields(route, ["via"], old, name);
  }
  for (const gateway of Object.values(topology.gateways ?? {})) inFields(gateway, ["calling", "called"], old, name);
  inFields(topology.groups, Object.keys(topology.groups ?? {}), old, name);
}

export function rename(topology, part, old, name) {
  rekeyed(topology[part], old, name);
  if (part === "nodes") mentionsOfNode(topology, old, name);
  if (part !== "nodes" && part !== "groups") return;
  for (const transfer of Object.values(topology.transfers ?? {})) {
    inFields(transfer, ["from", "to", "via", "broadcast_at"], old, name);
    rekeyed(transfer.receive, old, name);
  }
}
