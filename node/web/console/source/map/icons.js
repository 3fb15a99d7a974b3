/// Pictures of nodes for the canvas: the role is the shape, the state a sign and a colour. Made once each.
import { colour } from "../base/theme.js";

const made = new Map();
export const forgetIcons = () => made.clear();

const SIGN = {
  wrong: "M-3 -3 3 3M3 -3-3 3",
  waiting: "M0 -3.4V.6M0 3V3.2",
  unknown: "M-1.8-1.800a1.9 1.9 0 1 1 2.6 1.800c-.6.3-.8.6-.8 1.300M0 3.300v.1",
};

function body(role, edge, fill) {
  if (role === "server")
    return `<rect x="7" y="7" width="30" height="30" rx="6" fill="${fill}" stroke="${edge}" stroke-width="2.4"/>
      <path d="M14 16h16M14 22h16M14 28h9" stroke="${edge}" stroke-width="2.2" stroke-linecap="round"/>`;
  if (role === "manager")
    return `<circle cx="22" cy="22" r="14" fill="${fill}" stroke="${edge}" stroke-width="2.4"/><circle cx="22" cy="22" r="6.5"
      fill="none" stroke="${edge}" stroke-width="2.4"/>`;
  return `<circle cx="22" cy="22" r="12.5" fill="${fill}" stroke="${edge}" stroke-width="2.4"/><circle cx="22" cy="22" r="3.5"
    fill="${edge}"/>`;
}

export function nodeIcon(role, state, mark = "") {
  const key = `${role} ${state} ${mark}`;
  if (made.has(key)) return made.get(key);
  const edge = colour({ up: "text", waiting: "waiting-mark", wrong: "wrong", unknown: "strong-line" }[state] ?? "text");
  const fill = colour(
    mark === "source"
      ? "accent-soft"
      : mark === "receiver"
        ? "good-soft"
        : state === "wrong"
          ? "wrong-soft"
          : state === "waiting"
            ? "waiting-soft"
            : "surface",
  );
  const sign = SIGN[state]
    ? `<g transform="translate(34 10)"><circle r="8" fill="${edge}" stroke="${colour("surface")}" stroke-width="1.5"/>
      <path d="${SIGN[state]}" fill="none" stroke="${colour("surface")}" stroke-width="2" stroke-linecap="round"/></g>`
    : "";
  const letter = { source: "S", receiver: "R", via: "V", point: "B" }[mark];
  const badge = letter
    ? `<g transform="translate(10 34)"><circle r="8.5" fill="${colour("accent")}"/><text y="4" font-size="11" font-weight="700"
      font-family="sans-serif" text-anchor="middle" fill="${colour("on-accent")}">${letter}</text></g>`
    : "";
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="88" height="88" viewBox="0 0 44 44">
    ${body(role, edge, fill)}${sign}${badge}</svg>`;
  const address = "data:image/svg+xml;utf8," + encodeURIComponent(picture);
  made.set(key, address);
  return address;
}
