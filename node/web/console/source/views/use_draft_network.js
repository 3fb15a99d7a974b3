/// The draft as the map shows it: nothing of it is up or down.
import { useMemo } from "../base/html.js";
import { useStore } from "../base/store.js";
import { draft } from "../api/draft_store.js";
import { describeNetwork } from "../model/network.js";
import { placeOf } from "../model/draft.js";

export function useDraftNetwork() {
  const { now, problems } = useStore(draft);
  return useMemo(() => {
    const network = describeNetwork(now ?? { nodes: {} });
    const wrong = new Set(
      problems
        .map(problem => placeOf(problem.path, now ?? {}))
        .filter(place => place.part === "nodes")
        .map(place => place.name),
    );
    const nodes = network.nodes.map(node =>
      wrong.has(node.name) ? { ...node, state: "wrong", sign: "trouble" } : { ...node, state: "up", sign: "up" },
    );
    return { ...network, nodes, byName: new Map(nodes.map(node => [node.name, node])) };
  }, [now, problems]);
}
