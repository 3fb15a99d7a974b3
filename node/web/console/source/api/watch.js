/// What is known of the network now: asked for again and again while the page is seen, sooner when an event says that something moved.
/// A node whose answers take long is asked less often: no more than a tenth of its time goes by for one page.
import { makePace } from "../base/pace.js";
import { makeStore } from "../base/store.js";
import { withRates } from "../model/network.js";
import { ask } from "./client.js";
import { isManager, lookAtServers, session } from "./session.js";

const SOON_MS = 300,
  STATUS_MS = 2500,
  TRANSFERS_MS = 1500,
  HISTORY_MS = 10000;
const SHARE = 0.1,
  AHEAD_MS = 15000;
const HISTORY_ROWS = 200;

const NOTHING = { statuses: [], missing: [], topology: null, version: 0, isNew: false, at: 0, problem: null };

/// `isNew`: nothing was applied yet.
export const network = makeStore(NOTHING);
export const transfers = makeStore({ rows: [], missing: [], at: 0, before: [], beforeAt: 0 });
export const history = makeStore({ rows: [], missing: [], more: false, at: 0 });

async function askStatus() {
  const answer = await ask("GET", "/status", {
    query: isManager() ? {} : { network: session.get().account?.role === "server" ? "true" : "" },
  });
  const now = Date.now();
  const was = network.get();
  const rows = answer.nodes ?? (answer.status ? [answer.status] : []);
  network.change({
    statuses: withRates(was.statuses, rows, (now - was.at) / 1000),
    missing: answer.missing ?? [],
    at: now,
    problem: null,
  });
  if (isManager()) await lookAtServers();
}

export async function askTopology() {
  if (!isManager()) return;
  try {
    const { topology, version = 0 } = await ask("GET", "/topology");
    network.change({ topology: JSON.parse(topology), version, isNew: false });
  } catch (problem) {
    if (problem.status !== 404) throw problem;
    network.change({ topology: null, version: 0, isNew: true });
  }
}

async function askTransfers() {
  const answer = await ask("GET", "/transfers", { query: { limit: 1000 } });
  const was = transfers.get();
  transfers.set({
    rows: answer.transfers ?? [],
    missing: answer.missing ?? [],
    at: Date.now(),
    before: was.rows,
    beforeAt: was.at,
  });
}

async function askHistory() {
  const answer = await ask("GET", "/history", { query: { limit: HISTORY_ROWS } });
  history.set({
    rows: answer.history ?? answer.transfers ?? [],
    missing: answer.missing ?? [],
    more: answer.more ?? false,
    at: Date.now(),
  });
}

function repeated(step, every) {
  let timer = 0,
    running = false,
    wanted = false;
  const pace = makePace(SHARE, AHEAD_MS);
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(run, pace.wait(performance.now(), wanted ? SOON_MS : every, wanted));
  };
  async function run() {
    if (document.hidden || session.get().state !== "in") return;
    running = true;
    wanted = false;
    const began = performance.now();
    try {
      await step();
    } catch (problem) {
      network.change({ problem });
    }
    pace.did(began, performance.now() - began);
    running = false;
    if (session.get().state === "in") again();
  }
  return {
    run,
    /// What is asked for soon already is not put off by being wanted once more.
    soon() {
      if (wanted) return;
      wanted = true;
      if (!running) again();
    },
    stop: () => clearTimeout(timer),
  };
}

const loops = {
  status: repeated(askStatus, STATUS_MS),
  transfers: repeated(askTransfers, TRANSFERS_MS),
  history: repeated(askHistory, HISTORY_MS),
  topology: repeated(askTopology, 30000),
};

/// `what` of status, transfers, history, topology is asked for again at once.
export const refresh = (...what) => what.forEach(name => loops[name].soon());

const MOVES = {
  told: ["transfers"],
  closed: ["transfers"],
  refused: ["transfers"],
  received: ["transfers", "history"],
  sent: ["transfers", "history"],
  definition: ["status", "topology"],
  renewed: ["status"],
  session_lost: ["status"],
  login: ["status"],
  logout: ["status"],
  unfollowed: ["status"],
  followed: ["status"],
};

export const heard = event => refresh(...(MOVES[event.event] ?? []));

export function startWatching() {
  const all = Object.values(loops);
  const turn = () => all.forEach(loop => (document.hidden ? loop.stop() : loop.run()));
  document.addEventListener("visibilitychange", turn);
  let last = "";
  session.follow(({ state }) => {
    if (state === last) return;
    last = state;
    if (state === "in") turn();
    else all.forEach(loop => loop.stop());
    if (state === "out") forget();
  });
}

function forget() {
  network.set(NOTHING);
  transfers.set({ rows: [], missing: [], at: 0, before: [], beforeAt: 0 });
  history.set({ rows: [], missing: [], more: false, at: 0 });
}
