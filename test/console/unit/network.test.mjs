import assert from "node:assert/strict";
import { test } from "node:test";
import { describeNetwork, lineName, withRates } from "../../../node/web/console/source/model/network.js";
import { loginWays, wayBetween } from "../../../node/web/console/source/model/ways.js";
import { apart, beside } from "../../../node/web/console/source/map/layout.js";
import { elementsOf, foldedSegments, wayElements } from "../../../node/web/console/source/map/elements.js";

const topology = {
  network: "three",
  nodes: {
    MGR: { role: "manager", address: "1:9", home: "A" },
    A: { role: "server", address: "1:1", segment: "10.1.0.0/16", neighbours: { B: 1, C: 5 } },
    B: { role: "server", address: "1:2", segment: ["10.2.0.0/16"], neighbours: { A: 1, C: { cost: 1, streams: 4 } } },
    C: { role: "server", address: "1:3", segment: "10.3.0.0/16" },
    H: { role: "client", address: "1:4", home: "C" },
  },
};
const up = (node, peers, more = {}) => ({ node, role: "server", links: peers.map(peer => ({ peer, up: true, circuits: 1 })), ...more });
const texts = { line: () => "", segment: () => "", folded: () => "" };

test("a line is one, on whichever side it is named", () => {
  const { lines } = describeNetwork(topology);
  assert.deepEqual(lines.map(line => line.id).sort(), ["A~B", "A~C", "A~MGR", "B~C", "C~H"]);
  assert.equal(lines.find(line => line.id === "B~C").cost, 1);
  assert.equal(lineName("B", "A"), "A~B");
});

test("the state of a node says what it says of itself", () => {
  const cases = [
    [{}, "up"],
    [{ held: true }, "waiting"],
    [{ warnings: ["x"] }, "waiting"],
    [{ definition: { drift: true } }, "waiting"],
    [{ definition: { behind: { H: "why" } } }, "waiting"],
    [{ certificate: { state: "expires-soon" } }, "waiting"],
    [{ links: [{ peer: "B", twin: true }] }, "waiting"],
    [{ certificate: { state: "ended" } }, "wrong"],
    [{ failed: [{ part: "p", times: 1, reason: "r" }] }, "wrong"],
    [{ not_listening: [{ name: "this node", listen: "1:1", reason: "r" }], warnings: ["x"] }, "wrong"],
  ];
  for (const [said, state] of cases) assert.equal(describeNetwork(topology, [{ node: "A", role: "server", ...said }]).byName.get("A").state, state, JSON.stringify(said));
  assert.equal(describeNetwork(topology).byName.get("A").state, "unknown");
  assert.equal(describeNetwork(topology, [], [], "A").byName.get("A").state, "up");
  assert.deepEqual(describeNetwork(topology, [], [{ node: "A", reason: "why" }]).byName.get("A").why, ["why"]);
});

test("a line is wrong where an end says so or can't be asked, and idle where nobody used it", () => {
  const state = (statuses, missing, id) => describeNetwork(topology, statuses, missing).lines.find(line => line.id === id).state;
  assert.equal(state([up("A", ["B"])], [], "A~B"), "up");
  assert.equal(state([{ node: "A", links: [{ peer: "B", up: false }] }], [], "A~B"), "wrong");
  assert.equal(state([up("B", [])], [{ node: "A" }], "A~B"), "wrong");
  assert.equal(state([up("A", []), up("B", [])], [], "A~B"), "idle");
});

test("without a topology the nodes are those that spoke", () => {
  const network = describeNetwork(null, [{ node: "A", role: "server", address: "1:1", links: [{ peer: "H", role: "client", up: true }, { peer: "B", role: "server", up: true }] }]);
  assert.deepEqual(network.nodes.map(node => [node.name, node.role, node.segment]), [["A", "server", "A"], ["H", "client", "A"], ["B", "server", "B"]]);
  assert.deepEqual(network.lines.map(line => [line.id, line.state]), [["A~B", "up"], ["A~H", "up"]]);
});

test("rates are bytes over the time between two looks, and none after a restart", () => {
  const look = bytes => [{ node: "A", links: [{ peer: "B", bytes_out: bytes }] }];
  const rate = (before, now, seconds) => withRates(look(before), look(now), seconds)[0].links[0].rate;
  assert.equal(rate(100, 300, 2), 100);
  assert.equal(rate(300, 100, 2), undefined);
  assert.equal(rate(100, 300, 0), undefined);
});

test("ways go by cost, then hops, then name", () => {
  assert.deepEqual(wayBetween(describeNetwork(topology), "A", "C"), ["A", "B", "C"]);
  assert.deepEqual(wayBetween(describeNetwork(topology), "A", "nobody"), []);
});

test("a login's way is broken behind the hop that found out", () => {
  const network = describeNetwork(topology);
  const edges = row => loginWays(network, "MGR", [{ server: "C", state: "failed", ...row }]).map(edge => `${edge.from}>${edge.to} ${edge.state}`);
  assert.deepEqual(edges({ code: "hop-down", hop: "A" }), ["MGR>A done", "A>B failed"]);
  assert.deepEqual(edges({ code: "line-down", hop: "B" }), ["MGR>A done", "A>B done", "B>C failed"]);
  assert.deepEqual(edges({ state: "lost", code: "hop-down", hop: "C" }), ["MGR>A done", "A>B done", "B>C failed"]);
  assert.deepEqual(edges({ code: "not-authenticated", hop: "C" }), ["MGR>A done", "A>B done", "B>C failed"]);
  assert.deepEqual(loginWays(network, "MGR", [{ server: "C", state: "in" }]), []);
});

test("beyond 300 nodes a segment is one node with counts, and lines lead to it", () => {
  const nodes = { A: { role: "server", neighbours: { B: 1 } }, B: { role: "server" } };
  for (let at = 0; at < 400; ++at) nodes[`H${at}`] = { role: "client", home: at % 2 ? "A" : "B" };
  const network = describeNetwork({ nodes }, [], [{ node: "H1", reason: "x" }]);
  const elements = elementsOf(network, { texts });
  assert.deepEqual(elements.map(one => one.data.id), ["segment:A", "segment:B", "line:segment:A~segment:B"]);
  assert.equal(elements[0].data.state, "wrong");
  const opened = elementsOf(network, { texts, opened: new Set(["A"]) });
  assert.equal(opened.filter(one => one.data.kind === "node").length, 201);
  assert.deepEqual([...foldedSegments(network, new Set(["A"]))], ["B"]);
});

test("what is hidden takes its lines with it, and hops in what is folded are not drawn", () => {
  const network = describeNetwork(topology);
  const elements = elementsOf(network, { texts, hidden: node => node.role === "client" });
  assert.equal(elements.some(one => one.data.id === "node:H" || one.data.name === "C~H"), false);
  const shown = { A: "node:A", B: "node:B" };
  assert.equal(wayElements([{ from: "A", to: "B", number: 1 }, { from: "B", to: "gone" }], name => shown[name], "way").length, 1);
});

test("boxes that lie on each other are moved apart, others stay in their order", () => {
  const places = new Map(Array.from({ length: 60 }, (_, at) => [`S${at}`, { x: (at * 370) % 1500, y: (at * 610) % 1000 }]));
  const boxes = new Map([...places.keys()].map(name => [name, { w: 190, h: 120 }]));
  const all = [...apart(places, boxes).values()];
  for (const [at, one] of all.entries())
    for (const other of all.slice(at + 1)) assert.ok(Math.abs(one.x - other.x) > 190 || Math.abs(one.y - other.y) > 120);
  const two = new Map([["A", { x: 0, y: 0 }], ["B", { x: 1000, y: 0 }]]);
  assert.deepEqual([...apart(two, new Map([["A", { w: 10, h: 10 }], ["B", { w: 10, h: 10 }]])).keys()], ["A", "B"]);
});

test("what is new stands beside what stands somewhere", () => {
  const boxes = new Map(["A", "B", "C", "D"].map(name => [name, { w: 100, h: 80 }]));
  const standing = new Map([["A", { x: 0, y: 0 }], ["B", { x: 500, y: 100 }]]);
  assert.deepEqual([...beside(standing, ["C", "D"], boxes).values()], [{ x: 660, y: 50 }, { x: 820, y: 50 }]);
  assert.equal(beside(standing, [], boxes).size, 0);
});
