import assert from "node:assert/strict";
import { test } from "node:test";
import { edgesOf, hopsOf, timelineOf } from "../../../node/web/console/source/model/journey.js";
import { spanOfEvents, stateAt } from "../../../node/web/console/source/model/replay.js";
import { hopTree } from "../../../node/web/console/source/model/hop_tree.js";

let clock = 0;
const event = (name, node, more = {}) => ({ time: new Date(1767225600000 + ++clock * 1000).toISOString(), node, event: name, transfer: "t", ...more });
const told = (from, node, more = {}) => event("told", node, { from, kind: "transfer", file: "F", ...more });
const ways = edges => edges.map(edge => `${edge.number} ${edge.from}>${edge.to} ${edge.state}`);

test("a broadcast is a tree, told hop by hop", () => {
  const events = [told("H1", "A"), told("A", "B"), told("B", "H2"), told("B", "C"), event("opened", "A", { hop: "B" }), event("received", "H2", { bytes: 7 }), event("closed", "B", { bytes: 9, result: "done" })];
  assert.deepEqual(ways(edgesOf(events)), ["1 H1>A carrying", "2 A>B done", "3 B>H2 done", "4 B>C told"]);
  assert.equal(hopsOf(events)[2].bytes, 7);
  const { places } = hopTree(edgesOf(events));
  assert.equal(places.get("B").x < places.get("H2").x && places.get("H2").x === places.get("C").x, true);
  assert.notEqual(places.get("H2").y, places.get("C").y);
});

test("events that come out of order are put in order", () => {
  const events = [told("H1", "A"), told("A", "B")];
  assert.deepEqual(ways(edgesOf([events[1], events[0]])), ["1 H1>A told", "2 A>B told"]);
});

test("the hop that was never heard is drawn broken", () => {
  const reason = "can't reach C (at A)";
  const events = [told("H1", "A"), event("next", "A", { host: "H3", hop: "C", dialled: "1:3", by: "route" }), event("refused", "A", { by: "A", reason })];
  assert.deepEqual(ways(edgesOf(events)), ["1 H1>A failed", "2 A>C failed"]);
  assert.equal(hopsOf(events)[1].reason, reason);
  const further = [told("H1", "A"), event("next", "A", { hop: "B" }), told("A", "B"), event("refused", "B", { by: "B", reason }), event("refused", "A", { by: "B", reason })];
  assert.deepEqual(ways(edgesOf(further)), ["1 H1>A failed", "2 A>B failed"]);
});

test("of several attempts the last one's way is drawn, and all are in the timeline", () => {
  const events = [told("H1", "A"), event("refused", "A", { by: "A", reason: "x" }), told("H1", "A", { attempt: 2 }), told("A", "C", { attempt: 2 })];
  assert.deepEqual(ways(edgesOf(events)), ["1 H1>A told", "2 A>C told"]);
  const rows = timelineOf(events).rows;
  assert.deepEqual(rows.map(row => [row.node, row.bars.length]), [["A", 2], ["C", 1]]);
  assert.equal(rows[0].bars[0].open, false);
});

test("a timeline of one event, and of none", () => {
  assert.equal(timelineOf([told("H1", "A")]).rows.length, 1);
  assert.deepEqual(timelineOf([]).rows, []);
});

test("a circle of hops has a picture", () => {
  const { places } = hopTree([{ from: "A", to: "B" }, { from: "B", to: "A" }, { from: "B", to: "B" }]);
  assert.deepEqual([...places.keys()].sort(), ["A", "B"]);
});

test("a moment of the past has what ran then", () => {
  const events = [told("H1", "A"), told("A", "B"), event("session_lost", "MGR", { server: "C" }), event("closed", "B", { result: "done" }), event("closed", "A", { result: "done" }), event("login", "MGR", { server: "C" })];
  const at = index => stateAt(events, events[index].time);
  assert.deepEqual(at(0).running.map(row => row.edges.length), [1]);
  assert.deepEqual([...at(2).lost], ["C"]);
  assert.deepEqual(at(3).running.map(row => row.edges.map(edge => edge.to)), [["A"]]);
  assert.deepEqual([at(5).running.length, at(5).lost.size], [0, 0]);
  assert.equal(spanOfEvents([]), null);
});
