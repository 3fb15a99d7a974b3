/// The frame round every view: places at the left, the search on top, the user and his sessions at the right.
import { html, useEffect, useState } from "../base/html.js";
import { t } from "../base/language.js";
import { Icon, State } from "../base/icons.js";
import { useStore } from "../base/store.js";
import { useAddress } from "../base/address.js";
import { isManager, may, session } from "../api/session.js";
import { network } from "../api/watch.js";
import { Brand, LoginAgain, LoginResult } from "./login_view.js";
import { Palette } from "./palette.js";
import { UserMenu } from "./user_menu.js";

/// Places of the bar: where they are, and who has them.
export const PLACES = [
  { name: "overview", address: "#/", here: "" },
  { name: "map", address: "#/map", here: "map" },
  { name: "transfers", address: "#/transfers", here: "transfers" },
  { name: "files", address: "#/files", here: "files", only: isManager },
  { name: "gateways", address: "#/gateways", here: "gateways", only: () => session.get().account?.role !== "client" },
  { name: "edit", address: "#/edit", here: "edit", only: () => isManager() && may("manage") },
  { name: "administration", address: "#/administration", here: "administration" },
];

function Presence({ again }) {
  const servers = useStore(session, value => value.servers);
  if (!servers.length) return null;
  const out = servers.filter(row => row.state !== "in");
  const tone = !out.length ? "good" : out.length === servers.length ? "wrong" : "waiting";
  const text = out.length
    ? t("in_at_some", { some: servers.length - out.length, all: servers.length })
    : t("in_at_all", { all: servers.length });
  return html`<a href="#/administration/sessions" class="row" data-presence=${tone}
    title=${out.map(row => row.reason ?? row.server).join("\n")}><${State} tone=${tone}>${text}</${State}></a>
    ${out.length ? html`<button type="button" class="button" data-action="again" onClick=${again}>${t("log_in_again")}</button>`
      : null}`;
}

export function Frame({ children }) {
  const { place } = useAddress();
  const state = useStore(session, value => value.state);
  const problem = useStore(network, value => value.problem);
  const [finding, find] = useState(false);
  const [again, setAgain] = useState(false);
  const [result, put] = useState(null);
  useEffect(() => {
    const key = event => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      find(true);
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
  return html`<div class="frame">
    <header>
      <a class="button skip" href=${location.hash || "#/"} onClick=${event => {
        event.preventDefault();
        document.querySelector("main").focus();
      }}>${t("skip")}</a>
      <${Brand} />
      <button type="button" class="button finder" onClick=${() => find(true)}><span class="row"><span aria-hidden="true">⌕</span>
        ${t("find_anything")}</span><kbd>Ctrl K</kbd></button>
      <div class="presence"><${Presence} again=${() => setAgain(true)} /><${UserMenu} /></div>
    </header>
    <nav aria-label=${t("places")}>${PLACES.filter(one => !one.only || one.only()).map(
      one => html`
      <a key=${one.name} href=${one.address} aria-current=${place === one.here ? "page" : undefined}><${Icon} name=${one.name} />
        ${t(`place_${one.name}`)}</a>`,
    )}</nav>
    <main tabindex="-1">${problem && problem.status !== 401 ? html`<div class="note waiting" role="status" data-stale>
      ${problem.code === "offline" ? t("help_offline") : t("stale", { reason: problem.message })}</div>` : null}${children}</main>
    ${finding ? html`<${Palette} close=${() => find(false)} />` : null}
    ${state === "over" ? html`<${LoginAgain} title=${t("session_over")} put=${put} />` : null}
    ${again ? html`<${LoginAgain} title=${t("log_in_again")} put=${put} close=${() => setAgain(false)} />` : null}
    ${result ? html`<${LoginResult} rows=${result} close=${() => put(null)} />` : null}
  </div>`;
}
