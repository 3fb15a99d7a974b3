/// Every place, filter and selection is in the address: #/transfers/019b…?state=failed
import { makeStore, useStore } from "./store.js";
import { readAddress, writeAddress } from "./address_text.js";

export { writeAddress };

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
