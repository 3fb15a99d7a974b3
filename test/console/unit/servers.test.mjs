import assert from "node:assert/strict";
import { test } from "node:test";
import { accountRows } from "../../../node/web/console/source/model/accounts.js";
import { gatewayRows, linkRows, talkRows } from "../../../node/web/console/source/model/gateways.js";

const account = (node, user, rights = ["view"], transfers = [], failures = 0) => ({ node, user, rights, transfers, failures, made: `2026-01-0${node.length % 9}` });

test("who may the same everywhere is one row, whatever the order", () => {
  const rows = [account("A", "op"), account("B", "op", ["view"], [], 2), account("C", "op", ["view", "users"]), account("B", "anna"), account("A", "zoe", ["view"], ["FILE01"])];
  for (const given of [rows, [...rows].reverse()]) {
    const made = accountRows(given);
    assert.deepEqual(made.map(row => row.user), ["anna", "op", "op", "zoe"]);
    assert.deepEqual(made.find(row => row.user === "op" && row.rights.length === 1).at.sort(), ["A", "B"]);
    assert.equal(made.find(row => row.user === "op" && row.rights.length === 1).failures, 2);
    assert.equal(made.find(row => row.user === "anna").key, "anna");
    assert.equal(new Set(made.map(row => row.key)).size, made.length);
  }
  assert.deepEqual(accountRows([]), []);
});

const db = { name: "db", protocol: "tcp", calling: "A", called: "B", listen: "a:1", deliver: "b:2" };

test("a gateway is one row of both its sides, socks one for each server", () => {
  const servers = [
    { node: "B", gateways: [{ ...db, state: "serving", streams: 5 }, { name: "socks", calling: "B", listen: "b:9", state: "listening", streams: 1 }] },
    { node: "A", gateways: [{ ...db, state: "failed", reason: "in use", streams: 3 }, { name: "socks", calling: "A", listen: "a:9", state: "listening", streams: 2 }] },
    { node: "C" },
  ];
  const rows = gatewayRows(servers);
  assert.deepEqual(rows.map(row => [row.name, row.calling, row.streams]), [["db", "A", 3], ["socks", "A", 2], ["socks", "B", 1]]);
  assert.deepEqual(rows[0].sides.map(side => [side.node, side.state]), [["B", "serving"], ["A", "failed"]]);
});

test("a link is one row of both its ends, and bytes go the same way in both", () => {
  const end = (peer, out, back, more = {}) => ({ peer, state: "up", since: "1", streams: 1, opened: 2, accepted: 1, bytes_out: out, bytes_in: back, ...more });
  const both = linkRows([{ node: "B", links: [end("A", 7, 100)] }, { node: "A", links: [end("B", 101, 7, { round_trip_micros: 9 })] }]);
  assert.equal(both.length, 1);
  assert.deepEqual([both[0].key, both[0].out, both[0].back, both[0].trip, both[0].opened], ["A~B", 101, 7, 9, 3]);
  const one = linkRows([{ node: "B", links: [end("A", 7, 100, { state: "opening" })] }]);
  assert.deepEqual([one[0].out, one[0].back, one[0].state], [100, 7, "opening"]);
  assert.equal(linkRows([{ node: "A", links: [end("B", 1, 1)] }, { node: "B", links: [end("A", 1, 1, { state: "opening" })] }])[0].state, "opening");
});

test("who talks to whom: streams of one machine to one destination, each counted once", () => {
  const stream = (node, side, from, bytes) => ({ node, gateway: "db", peer: node === "A" ? "B" : "A", side, from, to: "b:2", bytes, bytes_back: 1 });
  const rows = talkRows([stream("A", "calling", "10.0.0.1:5", 10), stream("B", "called", "10.0.0.9:5", 10), stream("A", "calling", "10.0.0.1:6", 20), stream("A", "calling", "[::1]:7", 500)]);
  assert.deepEqual(rows.map(row => [row.from, row.count, row.bytes, row.bytes_back]), [["[::1]", 1, 500, 1], ["10.0.0.1", 2, 30, 2]]);
  assert.deepEqual(talkRows([]), []);
});
