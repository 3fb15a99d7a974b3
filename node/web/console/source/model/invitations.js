/// Whom a manager may invite at its page, and where the new node asks. Pure.

/// Names of servers and clients of the topology; managers are invited where theirs is.
export const invited = topology =>
  Object.entries(topology?.nodes ?? {})
    .filter(([, entry]) => entry.role !== "manager")
    .map(([name]) => name);

/// The address that the node gives to `--join`: its home server's, of a server that of its first neighbour. Empty: not known.
export function joinAddress(topology, name) {
  const nodes = topology?.nodes ?? {};
  const entry = nodes[name] ?? {};
  const asked = entry.role === "server" ? Object.keys(entry.neighbours ?? {})[0] : entry.home;
  return nodes[asked]?.address ?? "";
}

/// What is typed at the new machine.
export const joinCommand = (topology, name, code) =>
  `hublink run --node ${name} --join ${joinAddress(topology, name) || "ADDRESS"} --code ${code}`;
