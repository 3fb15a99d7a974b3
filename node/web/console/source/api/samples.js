/// Rates of running transfers and of gateway links over the last minutes, one sample a look: for plots.
import { makeStore } from "../base/store.js";
import { transfers } from "./watch.js";

const KEPT = 600;
const series = new Map();
export const sampled = makeStore(0);

/// `bytes` since the beginning, `seconds` of the look.
export function addSample(name, seconds, bytes) {
  const known = series.get(name) ?? { times: [], rates: [], last: null };
  if (known.last && seconds > known.last.seconds && bytes >= known.last.bytes) {
    known.times.push(seconds);
    known.rates.push((bytes - known.last.bytes) / (seconds - known.last.seconds));
    if (known.times.length > KEPT) (known.times.shift(), known.rates.shift());
  }
  known.last = { seconds, bytes };
  series.set(name, known);
}

export const samplesOf = name => (series.has(name) ? [[...series.get(name).times], [...series.get(name).rates]] : [[], []]);

export function startSamples() {
  transfers.follow(({ rows, at }) => {
    for (const row of rows)
      if (row.state === "running" || series.get(row.transfer)?.last?.bytes < row.bytes)
        addSample(row.transfer, at / 1000, row.bytes);
    for (const name of series.keys()) if (series.size > 200 && !rows.some(row => row.transfer === name)) series.delete(name);
    sampled.set(sampled.get() + 1);
  });
}
