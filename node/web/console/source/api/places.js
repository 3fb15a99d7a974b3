/// Where things stand on the map: at a manager one set for all, which those with the right `manage` move; else in this browser.
import { makeStore } from "../base/store.js";
import { ask } from "./client.js";
import { isManager, may, session } from "./session.js";
import { network } from "./watch.js";

const SOON_MS = 300,
  OLD_MS = 5000;

/// `loads` counts how often other places came from the manager: then what is drawn moves there.
export const places = makeStore({ kept: new Map(), loads: 0 });

let waiting = new Map(), // name → place, or null: to be forgotten there
  timer = 0,
  loaded = 0;
const key = () => `places ${session.get().account?.network ?? ""}`;
const isShared = () => isManager() && may("manage");

function inBrowser() {
  try {
    return new Map(Object.entries(JSON.parse(localStorage.getItem(key()) ?? "{}")));
  } catch {
    return new Map(); // another program's entry, or half of one: laid out as if there were none
  }
}

const textOf = map => JSON.stringify([...map].sort());

/// Those of the manager, asked for again at most every few seconds; what is on its way there is not taken back.
export async function loadPlaces() {
  if (session.get().state !== "in" || waiting.size || Date.now() - loaded < OLD_MS) return;
  loaded = Date.now();
  let found = new Map();
  try {
    if (isManager()) found = new Map(Object.entries((await ask("GET", "/places")).places ?? {}));
  } catch (problem) {
    return void network.change({ problem });
  }
  if (!isShared()) for (const [name, place] of inBrowser()) found.set(name, place);
  if (!waiting.size && textOf(found) !== textOf(places.get().kept))
    places.change(({ loads }) => ({ kept: found, loads: loads + 1 }));
}

async function bring() {
  if (!waiting.size) return;
  const changes = waiting;
  waiting = new Map();
  try {
    await ask("POST", "/places/keep", { body: { places: Object.fromEntries(changes) } });
  } catch (problem) {
    waiting = new Map([...changes, ...waiting]); // goes with the next one
    network.change({ problem });
  }
}

export function keepPlaces(changes) {
  const kept = new Map([...places.get().kept, ...changes]);
  places.change({ kept });
  if (!isShared()) return void localStorage.setItem(key(), JSON.stringify(Object.fromEntries(kept)));
  for (const [name, place] of changes) waiting.set(name, place);
  clearTimeout(timer);
  timer = setTimeout(bring, SOON_MS);
}

export function forgetPlaces() {
  const gone = [...places.get().kept.keys()];
  places.change({ kept: new Map() });
  localStorage.removeItem(key());
  if (!isShared()) return;
  waiting = new Map(gone.map(name => [name, null]));
  clearTimeout(timer);
  timer = setTimeout(bring, SOON_MS);
}

export function startPlaces() {
  addEventListener("pagehide", bring);
  session.follow(({ state }) => {
    if (state === "in") loadPlaces();
    if (state !== "out") return;
    loaded = 0;
    waiting.clear();
    places.change({ kept: new Map() });
  });
}
