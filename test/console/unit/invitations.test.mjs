import assert from "node:assert/strict";
import { test } from "node:test";
import { invited, joinAddress, joinCommand } from "../../../node/web/console/source/model/invitations.js";

const topology = {
  nodes: {
    MGR: { role: "manager", home: "A", address: "127.0.0.1:1" },
    A: { role: "server", address: "a.example:40000", neighbours: { B: 1 } },
    B: { role: "server", address: "127.0.0.3:40000" },
    ONE: { role: "client", home: "B", address: "127.0.0.4:30000" },
    LOST: { role: "client", home: "nobody" },
  },
};

test("servers and clients are invited here, managers where theirs is", () => {
  assert.deepEqual(invited(topology), ["A", "B", "ONE", "LOST"]);
  assert.deepEqual(invited(null), []);
});

test("a client asks its home server, a server its first neighbour", () => {
  for (const [name, address] of [["ONE", "127.0.0.3:40000"], ["A", "127.0.0.3:40000"], ["B", ""], ["LOST", ""], ["unknown", ""]])
    assert.equal(joinAddress(topology, name), address, name);
  assert.equal(joinAddress(null, "ONE"), "");
  assert.equal(joinCommand(topology, "ONE", "7Q2M"), "hublink run --node ONE --join 127.0.0.3:40000 --code 7Q2M");
  assert.equal(joinCommand(topology, "B", "7Q2M"), "hublink run --node B --join ADDRESS --code 7Q2M");
});
