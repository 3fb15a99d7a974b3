import assert from "node:assert/strict";
import { test } from "node:test";
import { addNode, changed, connect, differences, disconnect, freeAddress, freeName, placeOf, problemsAt, redone, removeNode, startDraft, undone } from "../../../node/web/console/source/model/draft.js";
import { readAmount } from "../../../node/web/console/source/model/amounts.js";
import { rename } from "../../../node/web/console/source/model/rename.js";
import { NODE_FIELDS, TRANSFER_FIELDS, asText, fromText, nodeFields, read, write } from "../../../node/web/console/source/model/fields.js";

const three = () => ({
  network: "n",
  nodes: { A: { role: "server", address: "127.1.1.1:40000", segment: "127.1.1.0/24", neighbours: { B: 2 } }, B: { role: "server", address: "127.1.2.1:40000" }, H: { role: "client", address: "127.1.1.11:30000", home: "A" } },
  transfers: { F: { from: "H", to: ["H2", "H"] }, G: { from: "H2", to: ["H"] } },
  groups: { all: ["H"] },
  gateways: { db: { calling: "A", called: "B" } },
});

test("undo and redo go all the way, and a change after undo forgets what was undone", () => {
  let draft = startDraft(three());
  for (const name of ["X", "Y"]) draft = changed(draft, next => addNode(next, name, { role: "server" }));
  draft = undone(undone(draft));
  assert.deepEqual(draft.now, three());
  assert.deepEqual(differences(redone(draft)).map(one => one.name), ["X"]);
  assert.equal(changed(draft, next => addNode(next, "Z", {})).future.length, 0);
  assert.equal(changed(draft, () => {}), draft);
  assert.equal(undone(draft), draft);
});

test("a removed node is mentioned nowhere", () => {
  const topology = three();
  removeNode(topology, "H");
  assert.equal(JSON.stringify(topology).includes('"H"'), false);
  removeNode(topology, "B");
  assert.deepEqual([topology.nodes.A.neighbours, topology.gateways], [{}, {}]);
});

test("lines join servers, and clients to a home; two clients can't be joined", () => {
  const topology = three();
  assert.equal(connect(topology, "B", "A"), true);
  assert.equal("A" in (topology.nodes.B.neighbours ?? {}), false, "it is there from the other side");
  assert.equal(connect(topology, "H", "B"), true);
  assert.equal(topology.nodes.H.home, "B");
  assert.equal(connect(topology, "H", "H"), false);
  addNode(topology, "K", { role: "client" });
  assert.equal(connect(topology, "H", "K"), false);
  disconnect(topology, "B", "A");
  assert.deepEqual(topology.nodes.A.neighbours, {});
});

test("new names and addresses are free ones", () => {
  assert.equal(freeName({ nodes: { HOST1: {} } }, "nodes", "HOST"), "HOST2");
  assert.equal(freeName({}, "transfers", "FILE"), "FILE01");
  assert.equal(freeAddress(three(), "client", "A"), "127.1.1.12:30000");
  assert.equal(freeAddress(three(), "server"), "127.1.3.1:40000");
});

test("a problem's path leads to the entry, also where names have dots", () => {
  const topology = { nodes: { "a.b": {}, a: {} } };
  assert.deepEqual(placeOf("nodes.a.b.home", topology), { part: "nodes", name: "a.b", field: "home" });
  assert.deepEqual(placeOf("nodes.a.routes[1].via", topology), { part: "nodes", name: "a", field: "routes[1].via" });
  assert.deepEqual(placeOf("nodes.X", topology), { part: "nodes", name: "X", field: "" });
  assert.deepEqual(placeOf("network", topology), { part: "", name: "", field: "network" });
  assert.equal(problemsAt([{ path: "nodes.a.home", message: "m" }], topology, "nodes", "a").length, 1);
});

test("another name is the same wherever it is mentioned, and nothing else changes", () => {
  const topology = {
    nodes: {
      server: { role: "server", neighbours: { B: 1 }, routes: [{ network: "x", via: "B" }] },
      B: { role: "server", neighbours: { server: 1 }, default_route: "server", proxy: { called: "server" } },
      H: { role: "client", home: "server", proxies: { far: "server" } },
    },
    transfers: { F: { from: "H", to: ["all"], via: ["server"], receive: { path: "in/server", all: { path: "x" } } } },
    groups: { all: ["H"] },
    gateways: { db: { calling: "server", called: "B" } },
  };
  rename(topology, "nodes", "server", "A");
  assert.deepEqual(Object.keys(topology.nodes), ["A", "B", "H"]);
  assert.equal(topology.nodes.A.role, "server");
  assert.deepEqual(topology.nodes.B, { role: "server", neighbours: { A: 1 }, default_route: "A", proxy: { called: "A" } });
  assert.deepEqual(topology.nodes.H, { role: "client", home: "A", proxies: { far: "A" } });
  assert.deepEqual([topology.transfers.F.via, topology.transfers.F.receive.path, topology.gateways.db.calling], [["A"], "in/server", "A"]);
  rename(topology, "groups", "all", "everybody");
  assert.deepEqual([topology.groups, topology.transfers.F.to, Object.keys(topology.transfers.F.receive)], [{ everybody: ["H"] }, ["everybody"], ["path", "everybody"]]);
  rename(topology, "nodes", "H", "HOST");
  assert.deepEqual([topology.groups.everybody, topology.transfers.F.from], [["HOST"], "HOST"]);
  rename(topology, "transfers", "F", "FILE");
  assert.deepEqual(Object.keys(topology.transfers), ["FILE"]);
});

test("amounts", () => {
  const cases = [["20MB/s", 20e6], ["512KiB", 524288], [" 7 ", 7], ["1 GB", 1e9], ["0", 0], ["", undefined], ["2 apples", undefined], ["1ib", undefined], ["-1", undefined], ["1.5MB", undefined]];
  for (const [text, wanted] of cases) assert.equal(readAmount(text), wanted, text);
});

test("fields are written and taken away whole", () => {
  const entry = {};
  write(entry, ["retry", "count"], 5);
  assert.deepEqual(entry, { retry: { count: 5 } });
  assert.equal(read(entry, ["retry", "count"]), 5);
  write(entry, ["retry", "count"], undefined);
  assert.deepEqual(entry, {});
});

test("what a form shows comes back as it was", () => {
  for (const [value, kind] of [["a", "text"], [7, "number"], [0.5, "number"], [true, "flag"], [false, "flag"], ["10.0.0.0/8", "list"], [["a", "b"], "list"], [{ A: 1 }, "json"], [undefined, "text"]])
    assert.deepEqual(fromText(asText(value, kind), kind), value);
  assert.equal(fromText("12 apples", "number"), "12 apples");
  assert.equal(fromText("{half", "json"), "{half");
});

test("every field has a kind that the form knows", () => {
  for (const field of [...nodeFields("server"), ...nodeFields("client"), ...TRANSFER_FIELDS, ...NODE_FIELDS.tail]) assert.match(field.kind, /^(text|number|choice|flag|list|names|json)$/);
});
