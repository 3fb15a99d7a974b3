/// The editor: a draft of the topology is drawn; forms for each node; nothing changes in the network before it is applied.
import { html, useEffect, useState } from "../base/html.js";
import { t } from "../base/language.js";
import { useStore } from "../base/store.js";
import { refine, useAddress, writeAddress } from "../base/address.js";
import { draft, edit, openDraft } from "../api/draft_store.js";
import { network } from "../api/watch.js";
import { addNode, connect, freeAddress, freeName, freeSegment, placeOf } from "../model/draft.js";
import { keepPlaces } from "../api/places.js";
import { DraftBar } from "./draft_bar.js";
import { EntryForm } from "./entry_form.js";
import { MapStage } from "./map_stage.js";
import { useDraftNetwork } from "./use_draft_network.js";
import { wordsOfPlace } from "./place_words.js";

const PENS = ["choose", "server", "client", "manager", "line"];
const STEMS = { server: "Server", client: "HOST", manager: "MGR" };

function addOne(role, home, position) {
  const { now } = draft.get();
  const name = freeName(now, "nodes", STEMS[role]);
  if (position) keepPlaces(new Map([[name, { x: Math.round(position.x), y: Math.round(position.y) }]]));
  edit(next =>
    addNode(next, name, {
      role,
      address: freeAddress(next, role, home),
      ...(role === "server" ? { segment: freeSegment(next) } : home ? { home } : {}),
    }),
  );
  refine({ node: name, line: "", part: "", entry: "" });
}

function Hint({ pen, from }) {
  if (pen === "choose") return null;
  return html`<p class="hint" role="status">${from ? t("hint_line_to", { from }) : t(`hint_${pen}`)}</p>`;
}

function EntryList({ home }) {
  const { now } = useStore(draft);
  const part = (
    name,
    list,
  ) => html`<section><div class="row"><h3 class="grow">${t(`part_${name}`)}</h3><button type="button" class="button quiet"
    data-add=${name} onClick=${() => addEntry(name)}>+ ${t("add")}</button></div>
    <ul>${list.map(entry => html`<li key=${entry}>
      <a href=${name === "transfers" ? writeAddress(["transfer-map", entry]) : writeAddress(["edit"], { part: name, entry })}>
      ${entry}</a></li>`)}</ul></section>`;
  return html`<aside class="panel" aria-label=${t("entries")}>
    <section><label class="field"><code>network</code><input name="network" value=${now.network ?? ""} onChange=${event =>
      edit(next => {
        next.network = event.target.value;
      })} /></label></section>
    <section><h3>${t("nodes")}</h3><div class="row" role="group" aria-label=${t("add")}>
      ${["server", "client", "manager"].map(role => html`<button type="button" key=${role} class="button" data-new=${role}
      disabled=${role !== "server" && !home} onClick=${() => addOne(role, home)}>+ ${t(`role_${role}`)}</button>`)}</div></section>
    ${part("transfers", Object.keys(now.transfers ?? {}))}${part("gateways", Object.keys(now.gateways ?? {}))}${part("groups", Object.keys(now.groups ?? {}))}
    <p class="small muted">${t("edit_help")}</p></aside>`;
}

function addEntry(part) {
  const { now } = draft.get();
  const name = freeName(now, part, { transfers: "FILE", gateways: "gateway", groups: "group" }[part]);
  const fresh = {
    transfers: { from: "", to: [] },
    gateways: { protocol: "tcp", calling: "", listen: "", called: "", deliver: "" },
    groups: [],
  }[part];
  edit(next => {
    (next[part] ??= {})[name] = fresh;
  });
  location.hash = part === "transfers" ? writeAddress(["transfer-map", name]) : writeAddress(["edit"], { part, entry: name });
}

function Problems() {
  const { problems, now } = useStore(draft);
  return html`<aside class="panel" aria-label=${t("problems_head")}><header><h2>${t("problems_head")}</h2><button type="button"
    class="button quiet" aria-label=${t("close")} onClick=${() => refine({ problems: "" })}>✕</button></header>
    ${problems.length ? html`<ul>${problems.map(problem => html`<li key=${problem.path + problem.message}>
      <a href=${wordsOfPlace(placeOf(problem.path, now))}><code class="breaks">${problem.path}</code></a><div class="mistake">
      ${problem.message}</div></li>`)}</ul>` : html`<p>${t("no_problems")}</p>`}</aside>`;
}

export function EditView() {
  const { query } = useAddress();
  const { now } = useStore(draft);
  const loaded = useStore(network, value => value.at > 0);
  const drawn = useDraftNetwork();
  const [pen, setPen] = useState("choose");
  const [from, setFrom] = useState("");
  useEffect(() => {
    if (loaded) openDraft();
  }, [loaded]);
  const take = next => (setPen(next), setFrom(""));
  function choose(kind, name, position) {
    const node = drawn.byName.get(name);
    if (pen === "line" && node) {
      if (!from) return void setFrom(name);
      edit(next => connect(next, from, name));
      return void (setFrom(""), refine({ node: name, line: "" }));
    }
    if (pen === "server" && !kind) return addOne("server", "", position);
    if ((pen === "client" || pen === "manager") && node) return addOne(pen, node.role === "server" ? node.name : node.home);
    if (node) refine({ node: name, line: "", part: "", entry: "", problems: "" });
    else if (kind === "line" || kind === "home") refine({ line: name, node: "", part: "", entry: "", problems: "" });
    else if (pen === "choose") refine({ node: "", line: "", part: "", entry: "", problems: "" });
  }
  if (!now) return html`<p class="empty">${t("loading")}</p>`;
  const line = drawn.lines.find(one => one.id === query.line);
  const chosen = query.node
    ? `node:${query.node}`
    : line
      ? `line:${line.ends
          .map(end => `node:${end}`)
          .sort()
          .join("~")}`
      : undefined;
  return html`<div class="map edit">
    <${DraftBar} title=${t("place_edit")} whole><div class="row" role="toolbar" aria-label=${t("pens")}>
      ${PENS.map(name => html`<button type="button" key=${name} class="button" data-pen=${name} aria-pressed=${pen === name}
      onClick=${() => take(name)}>${t(`pen_${name}`)}</button>`)}</div></${DraftBar}>
    <${MapStage} network=${drawn} choose=${choose} chosen=${chosen} marks=${from ? { [from]: "source" } : {}}
      label=${t("draft_map")}><${Hint} pen=${pen} from=${from} />
      ${drawn.nodes.length ? null : html`<div class="empty over"><p>${t("draft_empty")}</p><button type="button" class="button main"
        data-new="first" onClick=${() => addOne("server")}>${t("first_server")}</button></div>`}</${MapStage}>
    ${query.problems ? html`<${Problems} />` : query.node || query.entry || line ? html`<${EntryForm} query=${query}
      line=${line} />` : html`<${EntryList} home=${drawn.segments[0]?.server} />`}
  </div>`;
}
