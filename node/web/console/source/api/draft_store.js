/// The draft of the topology: kept in this browser until it is applied or thrown away, checked by the node after each change.
import { makeStore } from "../base/store.js";
import { changed, redone, startDraft, undone } from "../model/draft.js";
import { ask } from "./client.js";
import { network } from "./watch.js";
import { session } from "./session.js";

const CHECK_MS = 250;
const EMPTY = { network: "network", nodes: {}, transfers: {} };

/// `checked`: the text that `problems` are about; `stale`: another topology was applied since the draft was begun.
export const draft = makeStore({
  now: null,
  base: null,
  past: [],
  future: [],
  baseVersion: 0,
  problems: [],
  checked: "",
  problem: null,
});

const key = () => `draft ${session.get().account?.network ?? ""} ${session.get().account?.user ?? ""}`;
export const textOf = topology => JSON.stringify(topology, null, 2);

function keep() {
  const { now, base, baseVersion } = draft.get();
  if (textOf(now) === textOf(base)) localStorage.removeItem(key());
  else localStorage.setItem(key(), JSON.stringify({ now, base, baseVersion }));
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(key()) ?? "null");
  } catch {
    return null; // half an entry is none
  }
}

/// Goes on with the kept draft, or begins one of what is applied.
export function openDraft() {
  if (draft.get().now && draft.get().past.length) return;
  const found = kept();
  const { topology, version } = network.get();
  if (found) put({ ...startDraft(found.base), now: found.now, past: [found.base], baseVersion: found.baseVersion });
  else put({ ...startDraft(topology ?? EMPTY), baseVersion: version });
}

export function throwAway() {
  localStorage.removeItem(key());
  const { topology, version } = network.get();
  put({ ...startDraft(topology ?? EMPTY), baseVersion: version });
}

/// After an apply: what is applied is what the draft is measured by.
export function settle() {
  put({ ...startDraft(draft.get().now), baseVersion: network.get().version });
  keep();
}

export const isStale = () =>
  draft.get().baseVersion !== network.get().version && textOf(draft.get().base) !== textOf(network.get().topology ?? EMPTY);

function put(next) {
  draft.change(next);
  checkSoon();
}

function step(next) {
  if (next.now === draft.get().now) return;
  put(next);
  keep();
}

export const edit = how => step({ ...draft.get(), ...changed(draft.get(), how) });
export const undo = () => step({ ...draft.get(), ...undone(draft.get()) });
export const redo = () => step({ ...draft.get(), ...redone(draft.get()) });
export const replaceAll = topology =>
  edit(now => {
    for (const name of Object.keys(now)) delete now[name];
    Object.assign(now, topology);
  });

let timer = 0;
function checkSoon() {
  clearTimeout(timer);
  timer = setTimeout(check, CHECK_MS);
}

/// What `check` says about the draft as it stands; the answer to an older one is dropped.
export async function check() {
  const text = textOf(draft.get().now);
  try {
    const answer = await ask("POST", "/check", { body: { topology: text } });
    if (text === textOf(draft.get().now)) draft.change({ problems: answer.check?.problems ?? [], checked: text, problem: null });
  } catch (problem) {
    draft.change({ problem });
  }
}

export const isChecked = () => draft.get().checked !== "" && draft.get().checked === textOf(draft.get().now);
