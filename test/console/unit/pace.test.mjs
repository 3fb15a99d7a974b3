/// What is asked again and again takes its share of the time, and hears of a reason soon.
import assert from "node:assert/strict";
import { test } from "node:test";
import { makePace } from "../../../node/web/console/source/base/pace.js";

const EVERY = 2500,
  SOON = 300;
const nodePace = () => makePace(0.1, 15000);

test("who answers fast is asked at the usual pace", () => {
  const pace = nodePace();
  assert.equal(pace.wait(0, EVERY), EVERY);
  pace.did(1000, 20);
  assert.equal(pace.wait(1020, EVERY), EVERY);
  assert.equal(pace.wait(1020, SOON, true), SOON);
});

test("reasons in a row are heard at once, until much rest is to come", () => {
  const pace = nodePace();
  let now = 0;
  for (let round = 0; round < 4; ++round) {
    pace.did(now, 400);
    now += 400;
    assert.equal(pace.wait(now, SOON, true), SOON, `after ${round + 1}`);
    now += SOON;
  }
  pace.did(now, 400);
  assert.equal(pace.wait(now + 400, SOON, true), 5 * 4000 - 15000 - now - 400);
  assert.equal(pace.wait(now + 400, EVERY), 5 * 4000 - now - 400);
});

test("who answers very slowly is asked once more at once for a reason", () => {
  const pace = nodePace();
  pace.did(0, 4000);
  assert.equal(pace.wait(4000, EVERY), 36000);
  assert.equal(pace.wait(4000, SOON, true), SOON);
  pace.did(4300, 4000); // for that reason: the next one waits until the first round has had its rest
  assert.equal(pace.wait(8300, SOON, true), 31700);
});

test("reasons without end take the share, too", () => {
  const pace = nodePace();
  let now = 0,
    busy = 0;
  for (let round = 0; round < 200; ++round) {
    const took = 50 + ((round * 7919) % 900);
    pace.did(now, took);
    busy += took;
    now += took + pace.wait(now + took, SOON, true);
  }
  assert.ok(busy / now < 0.11, `${busy / now} of the time`);
  assert.ok(busy / now > 0.09, `${busy / now} of the time`);
});
