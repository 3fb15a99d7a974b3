/// Lists of transfers: states, what is over, filters, order. Pure.

export const OVER = new Set(["done", "partial", "failed", "cancelled", "superseded", "unconfirmed"]);
export const STATES = ["running", "queued", "done", "partial", "failed", "cancelled", "unconfirmed", "spooled", "superseded"];

/// running: blue; waiting: amber; wrong: red; good: quiet.
export function tone(state) {
  if (state === "running" || state === "carrying" || state === "told") return "running";
  if (["queued", "spooled", "partial", "unconfirmed", "pending", "waiting"].includes(state)) return "waiting";
  if (["failed", "cut", "refused", "lost"].includes(state)) return "wrong";
  return "good";
}

export const progress = row => (row.state === "done" ? 1 : row.size > 0 ? Math.min(1, row.bytes / row.size) : 0);
export const receivers = row => Object.entries(row.to ?? {});

/// A row a transfer, though sender and receivers list it: the sender's row counts, the receivers' states are in it.
export function joined(rows) {
  const found = new Map();
  for (const row of rows) {
    const known = found.get(row.transfer);
    if (!known || (known.side === "receiver" && row.side === "sender")) found.set(row.transfer, row);
  }
  return [...found.values()];
}

export function matches(row, filter) {
  if (filter.state && row.state !== filter.state) return false;
  if (filter.file && row.file !== filter.file) return false;
  if (filter.node && row.from !== filter.node && !(filter.node in (row.to ?? {}))) return false;
  if (!filter.find) return true;
  const text = [row.transfer, row.file, row.from, ...Object.keys(row.to ?? {}), row.reason ?? ""].join(" ").toLowerCase();
  return filter.find
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

const KEYS = {
  state: row => STATES.indexOf(row.state),
  file: row => row.file,
  from: row => row.from,
  progress: row => progress(row),
  size: row => row.size,
  started: row => row.started,
  duration: row => spanOf(row),
};

export function sorted(rows, column = "started", down = true) {
  const key = KEYS[column] ?? KEYS.started;
  const way = down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    return left < right ? -way : left > right ? way : 0;
  });
}

export const spanOf = (row, now = Date.now()) => (row.started ? new Date(row.ended ?? now) - new Date(row.started) : 0);

/// Bytes a second between two looks, and the time that is left; both absent while unknown.
export function pace(before, now, ms) {
  if (!before || !(ms > 0) || now.bytes < before.bytes) return {};
  const rate = ((now.bytes - before.bytes) * 1000) / ms;
  return { rate, left: rate > 0 && now.size > now.bytes ? ((now.size - now.bytes) / rate) * 1000 : undefined };
}

/// The day's figures for the overview.
export function figures(running, over, since) {
  const today = over.filter(row => new Date(row.ended ?? row.started) >= since);
  const bytes = today.filter(row => row.state === "done").reduce((sum, row) => sum + row.size, 0);
  const by = state => today.filter(row => row.state === state).length;
  return {
    running: running.filter(row => row.state === "running").length,
    queued: running.filter(row => row.state === "queued").length,
    done: by("done"),
    failed: by("failed") + by("unconfirmed"),
    partial: by("partial"),
    cancelled: by("cancelled"),
    bytes,
    all: today.length,
  };
}
