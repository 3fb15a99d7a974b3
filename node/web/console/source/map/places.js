/// Where things stand: where somebody put them, and the others laid out.
import cytoscape from "cytoscape";
import fcose from "cytoscape-fcose";
import { apart, beside, boxOf, gridBelow, ring } from "./layout.js";

cytoscape.use(fcose);
const RING_UP_TO = 7;

/// A place for each node: kept ones as they are, servers by ring or fcose, the others below their server.
export function placesFor(network, folded, kept) {
  const boxes = new Map(
    network.segments.map(segment => [
      segment.server,
      folded.has(segment.server) ? { w: 160, h: 82 } : boxOf(segment.members.length - 1),
    ]),
  );
  const servers = network.segments.map(segment => segment.server);
  const laid = laidOut(network, servers, boxes, kept);
  const places = new Map();
  for (const segment of network.segments) {
    const center = kept.get(segment.server) ?? laid.get(segment.server);
    places.set(segment.server, center);
    const others = segment.members.filter(name => name !== segment.server);
    for (const [name, by] of gridBelow(others)) places.set(name, kept.get(name) ?? { x: center.x + by.x, y: center.y + by.y });
  }
  const homeless = network.nodes.filter(node => !places.has(node.name));
  const top = Math.min(0, ...[...places.values()].map(place => place.y)) - 160;
  homeless.forEach((node, at) => places.set(node.name, kept.get(node.name) ?? { x: at * 110, y: top }));
  return places;
}

function laidOut(network, servers, boxes, kept) {
  const standing = new Map(servers.filter(name => kept.has(name)).map(name => [name, kept.get(name)]));
  if (standing.size) return beside(standing, servers.filter(name => !kept.has(name)), boxes);
  return servers.length <= RING_UP_TO ? ring(servers, boxes) : byForces(network, servers, boxes);
}

function byForces(network, servers, boxes) {
  const start = ring(servers, boxes);
  const graph = cytoscape({
    headless: true,
    styleEnabled: true,
    style: [{ selector: "node", style: { width: "data(w)", height: "data(h)", shape: "rectangle" } }],
    elements: [
      ...servers.map(name => ({ data: { id: name, ...boxes.get(name) }, position: start.get(name) })),
      ...network.lines
        .filter(line => !line.home)
        .map(line => ({ data: { id: line.id, source: line.ends[0], target: line.ends[1] } })),
    ],
  });
  graph
    .layout({
      name: "fcose",
      quality: "default",
      randomize: false,
      animate: false,
      nodeDimensionsIncludeLabels: false,
      nodeSeparation: 110,
      idealEdgeLength: 210,
      nodeRepulsion: 9000,
      packComponents: false,
    })
    .run();
  const places = new Map(graph.nodes().map(node => [node.id(), { ...node.position() }]));
  graph.destroy();
  return apart(places, boxes);
}
