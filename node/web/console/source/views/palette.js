/// Ctrl-K: nodes, files, transfers, places and actions by a few letters.
import { html, useMemo, useRef, useState } from "../base/html.js";
import { named, t } from "../base/language.js";
import { writeAddress } from "../base/address.js";
import { Dialog } from "../parts/dialog.js";
import { network, transfers, history } from "../api/watch.js";
import { maySend } from "../api/session.js";
import { joined } from "../model/transfers.js";
import { PLACES } from "./frame.js";

const MOST = 40;

function everything() {
  const { topology, statuses } = network.get();
  const nodes = Object.keys(topology?.nodes ?? {}).length ? Object.entries(topology.nodes) : statuses.map(row => [row.node, row]);
  return [
    ...PLACES.filter(one => !one.only || one.only()).map(one => ({
      text: t(`place_${one.name}`),
      kind: t("kind_place"),
      to: one.address,
    })),
    ...(maySend() ? [{ text: t("new_send"), kind: t("kind_action"), to: "#/send" }] : []),
    ...nodes.map(([name, node]) => ({ text: name, kind: t(`role_${node.role}`), to: writeAddress(["map"], { node: name }) })),
    ...Object.keys(topology?.transfers ?? {}).map(file => ({
      text: file,
      kind: t("kind_file"),
      to: writeAddress(["transfer-map", file]),
    })),
    ...joined([...transfers.get().rows, ...history.get().rows]).map(row => ({
      text: `${row.file} ${row.from} → ${Object.keys(row.to ?? {}).join(", ")}`,
      more: row.transfer,
      kind: named("state", row.state),
      to: writeAddress(["transfers", row.transfer]),
    })),
  ];
}

export function Palette({ close }) {
  const [find, setFind] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef(null);
  const all = useMemo(everything, []);
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all
    .filter(one => words.every(word => `${one.text} ${one.kind} ${one.more ?? ""}`.toLowerCase().includes(word)))
    .slice(0, MOST);
  const open = one => {
    if (!one) return;
    close();
    location.hash = one.to;
  };
  function key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter") return void (event.preventDefault(), open(found[at]));
    if (!step) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(found.length - 1, at + step));
    setAt(next);
    list.current.children[next]?.scrollIntoView({ block: "nearest" });
  }
  return html`<${Dialog} title=${t("find_anything")} close=${close} className="palette">
    <input autofocus role="combobox" aria-expanded="true" aria-controls="found"
      aria-activedescendant=${found.length ? `found-${at}` : undefined} aria-label=${t("find_anything")}
      placeholder=${t("find_anything")}
      value=${find} onInput=${event => (setFind(event.target.value), setAt(0))} onKeyDown=${key} />
    <ul id="found" role="listbox" aria-label=${t("found")} ref=${list}>${found.map(
      (
        one,
        index,
      ) => html`<li key=${one.to + one.text} id=${`found-${index}`} role="option" aria-selected=${index === at}
        onClick=${() => open(one)}>
      <span class="breaks">${one.text}</span><span class="muted small">${one.kind}</span></li>`,
    )}</ul>
    ${found.length ? null : html`<p class="empty">${t("found_nothing")}</p>`}
  </${Dialog}>`;
}
