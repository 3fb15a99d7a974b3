/// The described network, made anew only when what it is made of has changed.
import { useStore } from "../base/store.js";
import { describeNetwork } from "../model/network.js";
import { network } from "../api/watch.js";
import { session } from "../api/session.js";

let made = { from: [], network: describeNetwork(null) };

/// Servers where the user is not in, and who says nothing, are missing too, with the reason of the login.
function lacking(missing, servers) {
  const named = new Set(missing.map(row => row.node));
  const lost = servers.filter(row => ["failed", "lost"].includes(row.state) && !named.has(row.server));
  return [...missing, ...lost.map(row => ({ node: row.server, reason: row.reason }))];
}

function describedNow() {
  const { statuses, missing, topology } = network.get();
  const { servers, account } = session.get();
  const from = [statuses, missing, topology, servers, account];
  if (from.some((part, at) => part !== made.from[at]))
    made = { from, network: describeNetwork(topology, statuses, lacking(missing, servers), account?.node) };
  return made.network;
}

export function useNetwork() {
  useStore(network, value => value.statuses);
  useStore(network, value => value.topology);
  useStore(session, value => value.servers);
  return describedNow();
}
