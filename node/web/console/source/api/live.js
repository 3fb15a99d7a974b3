/// The events of all nodes as they happen, the last hour of them kept. One stream a page; none while the page is not seen.
import { makeStore } from "../base/store.js";
import { eventsPath } from "./client.js";
import { session } from "./session.js";
import { heard } from "./watch.js";

const KEPT = 20000,
  KEPT_MS = 3600000,
  DRAWN_MS = 250,
  AGAIN_MS = 5000;

/// `turn` counts changes of `events`, which is one list that grows: who draws, draws when it has changed.
export const live = makeStore({ turn: 0, connected: false, missed: 0, following: [], lacking: [] });
const kept = [];
export const keptEvents = () => kept;

let source = null,
  timer = 0,
  again = 0;
let last = { ring: "", position: -1 };

/// Whether an event of that id (RING:POSITION) is new: a stream that is opened again begins with what the node still keeps.
function isNew(id) {
  const at = id.lastIndexOf(":");
  const [ring, position] = [id.slice(0, at), Number(id.slice(at + 1))];
  if (at < 0 || !Number.isFinite(position)) return true;
  if (ring === last.ring && position <= last.position) return false;
  last = { ring, position };
  return true;
}

/// In one step for a thousand of them, since it moves all that stay.
function forgetOld() {
  const oldest = new Date(Date.now() - KEPT_MS).toISOString();
  let old = kept.length > KEPT + 1000 ? kept.length - KEPT : 0;
  while (old < kept.length && kept[old].time < oldest) ++old;
  if (old > 0) kept.splice(0, old);
}

function add(event) {
  if (event.event === "missed") {
    live.change(({ missed }) => ({ missed: missed + event.missed }));
    return;
  }
  if (event.time) kept.push(event); // who is followed, or not any more, is no past
  forgetOld();
  heard(event);
  timer ||= setTimeout(() => {
    timer = 0;
    live.change(({ turn }) => ({ turn: turn + 1 }));
  }, DRAWN_MS);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // half a line of a stream that was cut: the next one has its own
  }
}

function open() {
  if (source || document.hidden || session.get().state !== "in") return;
  source = new EventSource(`${eventsPath}?oldest=true`);
  source.onopen = () => live.change({ connected: true });
  source.onerror = () => {
    live.change({ connected: false });
    if (source?.readyState !== EventSource.CLOSED) return; // a line that is cut: the browser asks again by itself
    close();
    again ||= setTimeout(() => {
      again = 0;
      open();
    }, AGAIN_MS);
  };
  source.onmessage = message => {
    const event = parsed(message.data);
    if (event && isNew(message.lastEventId)) add(event);
  };
  source.addEventListener("following", message => {
    const { nodes = [], missing = [] } = parsed(message.data) ?? {};
    live.change({ following: nodes, lacking: missing });
  });
  source.addEventListener("ended", () => {
    close();
    heard({ event: "session_lost" });
  });
}

function close() {
  source?.close();
  source = null;
  live.change({ connected: false });
}

export function startLive() {
  const turn = () => (document.hidden || session.get().state !== "in" ? close() : open());
  document.addEventListener("visibilitychange", turn);
  session.follow(({ state }) => {
    if (state === "out") {
      kept.length = 0;
      last = { ring: "", position: -1 };
    }
    turn();
  });
}
