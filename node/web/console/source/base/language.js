/// Which language is spoken, and a text of the table in it.
import { words } from "./words.js";

export const LANGUAGES = { en: "English", ja: "日本語" };
const names = Object.keys(LANGUAGES);

function chosen() {
  const kept = globalThis.localStorage?.getItem("language");
  if (names.includes(kept)) return kept;
  return names.find(name => globalThis.navigator?.language?.startsWith(name)) ?? "en";
}

let now = chosen();
export const language = () => now;

export function chooseLanguage(name) {
  localStorage.setItem("language", name);
  now = name;
  document.documentElement.lang = name;
  location.reload();
}

/// The text `key` with {name} replaced by what `filled` has for it. A text that has two forms (one|many) goes by its {count}.
export function t(key, filled = {}) {
  const row = words[key];
  if (!row) throw new Error(`no text ${key}`);
  const [one, many = one] = row[names.indexOf(now)].split("|");
  const form = String(filled.count) === "1" ? one : many;
  return form.replace(/\{(\w+)\}/g, (whole, name) => filled[name] ?? whole);
}

/// A state or code of the node's in words; what the table does not know stands there as it came.
export const named = (kind, value) => (words[`${kind}_${value}`] ? t(`${kind}_${value}`) : String(value));
