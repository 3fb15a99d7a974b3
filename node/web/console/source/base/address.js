/// Every place, filter and selection is in the address: #/transfers/019b…?state=failed
import { makeStore, useStore } from "./store.js";

export function readAddress(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const words = path.split("/").filter(Boolean).map(decode);
  return { place: words[0] ?? "", rest: words.slice(1), query: Object.fromEntries(new URLSearchParams(query)) };
}

export function writeAddress(words, query = {}) {
  const kept = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const tail = new URLSearchParams(kept).toString();
  return "#/" + words.map(encodeURIComponent).join("/") + (tail ? "?" + tail : "");
}

function decode(word) {
  try {
    return decodeURIComponent(word);
  } catch {
    return word; // a mistyped address is a place that is not there, no mistake of the program
  }
}

const current = makeStore(readAddress(globalThis.location?.hash ?? ""));
globalThis.addEventListener?.("hashchange", () => current.set(readAddress(location.hash)));

export const useAddress = () => useStore(current);
export const address = () => current.get();

export function go(words, query) {
  location.hash = writeAddress(words, query);
}

/// Changes parts of the query where one is; no step of "back" for what is typed letter by letter.
export function refine(changes) {
  const { place, rest, query } = current.get();
  history.replaceState(null, "", writeAddress([place, ...rest].filter(Boolean), { ...query, ...changes }));
  current.set(readAddress(location.hash));
}
