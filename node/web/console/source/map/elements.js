/// What Cytoscape draws, made from the described network. Pure: the same network gives the same elements.
import { harmless } from "../base/harmless.js";
import { lineName } from "../model/network.js";

const FOLD_BEYOND = 300;

/// Which segments are one node with counts: beyond 300 nodes all that nobody has opened.
export function foldedSegments(network, opened) {
  if (network.nodes.length <= FOLD_BEYOND) return new Set();
  return new Set(network.segments.map(segment => segment.server).filter(server => !opened.has(server)));
}

const SIGNS = { up: "", attention: "!", trouble: "✕", down: "✕", unknown: "?" };
const worst = counts => (counts.wrong ? "wrong" : counts.waiting ? "waiting" : counts.up ? "up" : "unknown");

export function elementsOf(network, { opened = new Set(), hidden = () => false, texts } = {}) {
  const folded = foldedSegments(network, opened);
  const elements = [];
  for (const segment of network.segments) {
    const id = `segment:${segment.server}`;
    if (folded.has(segment.server)) {
      elements.push({
        data: { id, kind: "folded", name: segment.server, state: worst(segment.counts), label: harmless(texts.folded(segment)) },
      });
    } else {
      elements.push({ data: { id, kind: "segment", name: segment.server, label: harmless(texts.segment(segment)) } });
    }
  }
  const shown = new Map();
  for (const node of network.nodes) {
    if (folded.has(node.segment)) {
      shown.set(node.name, `segment:${node.segment}`);
      continue;
    }
    if (hidden(node)) continue;
    shown.set(node.name, `node:${node.name}`);
    const parent = network.byName.get(node.segment) ? `segment:${node.segment}` : undefined;
    elements.push({
      data: {
        id: `node:${node.name}`,
        kind: "node",
        role: node.role,
        name: node.name,
        state: node.state,
        sign: SIGNS[node.sign],
        label: harmless(node.name),
        ...(parent ? { parent } : {}),
      },
    });
  }
  elements.push(...lineElements(network, shown, texts));
  return elements;
}

function lineElements(network, shown, texts) {
  const lines = new Map();
  for (const line of network.lines) {
    const [source, target] = line.ends.map(end => shown.get(end));
    if (!source || !target || source === target) continue;
    const id = `line:${lineName(source, target)}`;
    const known = lines.get(id);
    const data = {
      id,
      kind: line.home ? "home" : "line",
      name: line.id,
      source,
      target,
      state: line.state,
      cost: line.cost ?? 0,
      width: widthOf(line),
      label: line.home ? "" : texts.line(line),
    };
    if (!known || (known.data.state !== "wrong" && line.state === "wrong")) lines.set(id, { data });
  }
  return [...lines.values()];
}

const widthOf = line => (line.rate > 0 ? Math.min(9, 1.5 + Math.log10(1 + line.rate / 1000)) : 1.5);

/// Ways drawn over the lines: a hop an arrow with its number. Hops inside a folded segment are not seen.
export function wayElements(edges, shownOf, kind) {
  const found = [];
  for (const edge of edges) {
    const [source, target] = [shownOf(edge.from), shownOf(edge.to)];
    if (!source || !target || source === target) continue;
    found.push({
      data: {
        id: `${kind}:${edge.from}>${edge.to}:${edge.number ?? edge.label ?? ""}`,
        kind,
        source,
        target,
        state: edge.state,
        label: harmless(edge.label ?? (edge.number ? String(edge.number) : "")),
      },
    });
  }
  return found;
}
