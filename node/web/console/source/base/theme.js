/// Light, dark, or as the system has it; and the colours for what is drawn on a canvas.
import { makeStore } from "./store.js";

export const THEMES = ["system", "light", "dark"];
const kept = () => THEMES.find(name => name === localStorage.getItem("theme")) ?? "system";
export const theme = makeStore("system");

export function startTheme() {
  theme.follow(put);
  theme.set(kept());
  put(theme.get());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => turns.set(turns.get() + 1));
}

export function chooseTheme(name) {
  localStorage.setItem("theme", name);
  theme.set(name);
  turns.set(turns.get() + 1);
}

function put(name) {
  document.documentElement.dataset.theme = name;
}

/// Counts changes of the colours: who draws on a canvas draws again.
export const turns = makeStore(0);

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
