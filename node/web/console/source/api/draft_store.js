/// The draft of the topology: kept until it is applied or thrown away, checked by the node after each change.
import { makeStore } from "../base/store.js";
import { changed, redone, startDraft, undone } from "../model/draft.js";
import { ask } from "./client.js";
import { giveWay, keepCopy, openCopy, overrule } from "./draft_copy.js";
import { askTopology, network } from "./watch.js";
import { session } from "./session.js";

const CHECK_MS = 250;
const EMPTY = { network: "network", nodes: {}, transfers: {} };

/// `checked`: the text that `problems` are about; `baseVersion`: of the topology that was applied when the draft was begun; `clash`: another
/// window has replaced the copy at the manager.
export const draft = makeStore({
  now: null,
  base: null,
  past: [],
  future: [],
  baseVersion: 0,
  problems: [],
  checked: "",
  problem: null,
  clash: false,
});

export const textOf = topology => JSON.stringify(topology, null, 2);

function keep() {
  if (!draft.get().clash) keepCopy(copied());
}

let opening = null;

/// Goes on with the kept draft, or begins one of what is applied.
export function openDraft() {
  if (draft.get().now && (draft.get().past.length || draft.get().clash)) return;
  opening ??= open().finally(() => {
    opening = null;
  });
}

async function open() {
  try {
    if (!network.get().topology) await askTopology();
    const { draft: found, clash } = await openCopy(() => draft.change({ clash: true }));
    if (draft.get().past.length) return; // the user did not wait
    take(found);
    draft.change({ clash });
  } catch (problem) {
    take(null);
    draft.change({ problem });
  }
}

function take(found) {
  const { topology, version } = network.get();
  if (found) put({ ...startDraft(found.base), now: found.now, past: [found.base], baseVersion: found.baseVersion });
  else put({ ...startDraft(topology ?? EMPTY), baseVersion: version });
}

export function throwAway() {
  take(null);
  keep();
}

/// Another window has changed it meanwhile: which one counts?
export async function settleClash(isOurs) {
  if (isOurs) await overrule(copied());
  else take(await giveWay());
  draft.change({ clash: false });
}

function copied() {
  const { now, base, baseVersion } = draft.get();
  return textOf(now) === textOf(base) ? null : { now, base, baseVersion };
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

// Another user's draft is another one.
session.follow(({ state }) => {
  if (state === "out") draft.change({ now: null, base: null, past: [], future: [], problems: [], checked: "", problem: null, clash: false });
});
