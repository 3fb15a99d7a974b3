import assert from "node:assert/strict";
import { test } from "node:test";
import { figures, joined, matches, pace, progress, sorted, tone } from "../../../node/web/console/source/model/transfers.js";

const row = (transfer, more = {}) => ({ transfer, file: "FILE01", from: "H1", to: { H2: "done" }, state: "done", bytes: 10, size: 10, started: "2026-01-01T00:00:00Z", side: "sender", ...more });

test("sender and receivers list one transfer: the sender's row counts", () => {
  assert.deepEqual(joined([row("a", { side: "receiver" }), row("a"), row("a", { side: "receiver" })]).map(one => one.side), ["sender"]);
  assert.deepEqual(joined([row("a", { side: "receiver" })]).length, 1);
});

test("filters", () => {
  const cases = [[{}, true], [{ state: "done" }, true], [{ state: "failed" }, false], [{ node: "H2" }, true], [{ node: "H1" }, true], [{ node: "H3" }, false], [{ file: "FILE02" }, false], [{ find: "file01 h2" }, true], [{ find: "file01 h3" }, false]];
  for (const [filter, wanted] of cases) assert.equal(matches(row("a"), filter), wanted, JSON.stringify(filter));
});

test("order by any column, both ways, by start if the column is unknown", () => {
  const rows = [row("a", { size: 1 }), row("b", { size: 3, started: "2026-01-02T00:00:00Z" }), row("c", { size: 2 })];
  assert.deepEqual(sorted(rows, "size", false).map(one => one.transfer), ["a", "c", "b"]);
  assert.deepEqual(sorted(rows, "size", true).map(one => one.transfer), ["b", "c", "a"]);
  assert.deepEqual(sorted(rows, "nonsense", true)[0].transfer, "b");
});

test("progress and pace", () => {
  assert.equal(progress({ state: "running", bytes: 5, size: 10 }), 0.5);
  assert.equal(progress({ state: "running", bytes: 5, size: 0 }), 0);
  assert.equal(progress({ state: "done", bytes: 0, size: 0 }), 1);
  assert.deepEqual(pace({ bytes: 0 }, { bytes: 100, size: 300 }, 1000), { rate: 100, left: 2000 });
  assert.deepEqual(pace(undefined, { bytes: 1, size: 2 }, 1000), {});
  assert.deepEqual(pace({ bytes: 5 }, { bytes: 1, size: 2 }, 1000), {});
});

test("every state has a tone of the four", () => {
  for (const state of ["queued", "running", "done", "partial", "unconfirmed", "spooled", "superseded", "failed", "cancelled", "told", "cut"]) assert.match(tone(state), /^(good|running|waiting|wrong)$/);
});

test("the day's figures count what ended today", () => {
  const day = new Date("2026-01-02T00:00:00Z");
  const over = [row("a", { ended: "2026-01-02T01:00:00Z" }), row("b", { ended: "2026-01-01T01:00:00Z" }), row("c", { ended: "2026-01-02T02:00:00Z", state: "failed" })];
  const { done, failed, bytes, running } = figures([row("d", { state: "running" })], over, day);
  assert.deepEqual({ done, failed, bytes, running }, { done: 1, failed: 1, bytes: 10, running: 1 });
});
