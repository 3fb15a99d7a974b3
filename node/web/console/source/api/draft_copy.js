/// The draft's copy: at a manager the user's own one, brought up to date soon after each change; in this browser what has not got there.
import { ask } from "./client.js";
import { isManager, may, session } from "./session.js";

const SOON_MS = 400,
  AGAIN_MS = 5000;
const key = () => `draft ${session.get().account?.network ?? ""} ${session.get().account?.user ?? ""}`;
const isShared = () => isManager() && may("manage");

let version = 0, // of the copy at the manager that this one replaces
  latest, // what is to be kept; undefined: all of it is
  timer = 0,
  flight = null, // {sent, end}: what is on its way there
  clashes = () => {};

function inBrowser() {
  try {
    return JSON.parse(localStorage.getItem(key()) ?? "null");
  } catch {
    return null; // half an entry is none
  }
}

/// `sent`: what was on its way to the manager meanwhile.
function keepInBrowser(draft, sent) {
  if (draft === null && !isShared()) return void localStorage.removeItem(key());
  try {
    localStorage.setItem(key(), JSON.stringify({ draft, version, sent }));
  } catch (problem) {
    if (!isShared()) throw problem; // no room here: the manager has it soon
    localStorage.removeItem(key());
  }
}

const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/// {draft, clash}: `clash` if this browser has one that another window's has replaced at the manager. `whenClash` is called when that
/// happens later.
export async function openCopy(whenClash) {
  clashes = whenClash;
  latest = undefined;
  await flight?.end;
  const own = inBrowser();
  if (!isShared()) return { draft: own?.draft ?? null, clash: false };
  const kept = await ask("GET", "/draft");
  version = kept.version;
  if (!own) return { draft: kept.draft, clash: false };
  // A page that was left while it brought its draft has not heard that it is there.
  const clash = own.version !== version && ![own.draft, own.sent].some(one => isSame(one, kept.draft));
  if (!clash) keepCopy(own.draft);
  return { draft: own.draft, clash };
}

/// `draft` null: there is none any more.
export function keepCopy(draft) {
  keepInBrowser(draft, flight?.sent);
  if (!isShared()) return;
  latest = draft;
  bringAfter(SOON_MS);
}

function bringAfter(ms) {
  clearTimeout(timer);
  timer = setTimeout(bring, ms);
}

function bring() {
  if (flight || latest === undefined || session.get().state !== "in") return;
  const sent = latest;
  keepInBrowser(sent, sent);
  const end = carry(sent).finally(() => {
    flight = null;
    if (latest !== undefined && latest !== sent) bringAfter(SOON_MS);
  });
  flight = { sent, end };
}

async function carry(sent) {
  try {
    ({ version } = await ask("POST", "/draft/keep", { body: { version, draft: sent } }));
    if (latest === sent) {
      latest = undefined;
      localStorage.removeItem(key());
    } else keepInBrowser(latest);
  } catch (problem) {
    if (problem.code === "superseded") {
      latest = undefined; // stays in this browser, until the user has said which one counts
      clashes();
    } else bringAfter(AGAIN_MS);
  }
}

/// The user says that this window's draft counts.
export async function overrule(draft) {
  ({ version } = await ask("GET", "/draft"));
  keepCopy(draft);
}

/// Or the other one.
export async function giveWay() {
  localStorage.removeItem(key());
  const kept = await ask("GET", "/draft");
  version = kept.version;
  return kept.draft;
}

session.follow(({ state }) => {
  if (state === "out") latest = undefined; // the browser has it, for this user alone
  if (state === "in" && latest !== undefined) bringAfter(SOON_MS);
});
