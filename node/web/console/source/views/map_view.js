/// The structure diagram: segments, nodes, lines and their health; what runs; a panel for what is chosen; the last hour.
import { html, useMemo, useState } from "../base/html.js";
import { t } from "../base/language.js";
import { useStore } from "../base/store.js";
import { refine, useAddress } from "../base/address.js";
import { keptEvents, live } from "../api/live.js";
import { network as watched, transfers } from "../api/watch.js";
import { maySend, session } from "../api/session.js";
import { edgesOf } from "../model/journey.js";
import { spanOfEvents, stateAt } from "../model/replay.js";
import { loginWays } from "../model/ways.js";
import { joined } from "../model/transfers.js";
import { useNetwork } from "./use_network.js";
import { MapStage } from "./map_stage.js";
import { MapTables } from "./map_tables.js";
import { LinePanel, NodePanel } from "./node_panel.js";
import { ReplayBar } from "./replay_bar.js";
import { RunningStrip } from "./running_strip.js";

const HIDE = {
  up: node => node.state === "up" && node.role !== "server",
  clients: node => node.role === "client",
  managers: node => node.role === "manager",
};
const none = () => false;

/// The ways that are drawn: of the chosen transfer, numbered; of all others that run, plain; at a moment of the past, those of then.
function useWays(query, network) {
  const { turn } = useStore(live);
  const rows = useStore(transfers, value => value.rows);
  const servers = useStore(session, value => value.servers);
  const account = useStore(session, value => value.account);
  const topology = useStore(watched, value => value.topology);
  return useMemo(() => {
    const events = keptEvents();
    if (query.at) return { running: stateAt(events, query.at).running.flatMap(row => row.edges) };
    const of = new Map(
      joined(rows)
        .filter(row => row.state === "running")
        .map(row => [row.transfer, []]),
    );
    if (query.transfer && !of.has(query.transfer)) of.set(query.transfer, []);
    for (const event of events) of.get(event.transfer)?.push(event);
    const way = of.get(query.transfer);
    of.delete(query.transfer);
    return {
      running: [...of.values()].flatMap(one => edgesOf(one).map(({ from, to, state }) => ({ from, to, state }))),
      way: way ? edgesOf(way) : [],
      login: loginWays(network, account?.node, servers),
      gateway: gatewayLinks(topology),
    };
  }, [turn, topology, rows, query.at, query.transfer, servers, network.lines]);
}

/// The network as it was: servers whose session was lost then are drawn so.
function pastOf(network, at) {
  if (!at) return network;
  const { lost } = stateAt(keptEvents(), at);
  const nodes = network.nodes.map(node =>
    lost.has(node.name) ? { ...node, state: "wrong", sign: "down" } : { ...node, state: "unknown", sign: "up" },
  );
  return {
    ...network,
    nodes,
    lines: network.lines.map(line => ({ ...line, state: "idle", rate: 0 })),
    byName: new Map(nodes.map(node => [node.name, node])),
  };
}

/// Gateways that are defined, from the calling to the called server.
function gatewayLinks(topology) {
  const entries = Object.entries(topology?.gateways ?? {}).filter(([, one]) => one.calling !== one.called);
  const links = new Map();
  for (const [name, one] of entries) {
    const key = `${one.calling}>${one.called}`;
    links.set(key, { from: one.calling, to: one.called, label: links.has(key) ? `${links.get(key).label}, ${name}` : name });
  }
  return [...links.values()];
}

export function MapView() {
  const { query } = useAddress();
  const now = useNetwork();
  const [opened, setOpened] = useState(new Set());
  const at = useStore(watched, value => value.at);
  const ways = useWays(query, now);
  const network = useMemo(() => pastOf(now, query.at), [now, query.at]);
  const find = query.find ?? "";
  const hidden = HIDE[query.hide] ?? none;
  const found = useMemo(() => (find ? foundIds(network, find) : null), [network, find]);
  const table = query.view === "table";
  const node = network.byName.get(query.node);
  const line = network.lines.find(one => one.id === query.line);
  const close = () => refine({ node: "", line: "" });
  const choose = (kind, name) => {
    if (kind === "node") refine({ node: name, line: "" });
    else if (kind === "line" || kind === "home") refine({ line: name, node: "" });
    else if (kind === "segment" || kind === "folded") refine({ node: name, line: "" });
    else if (!kind) refine({ node: "", line: "", transfer: "" });
  };
  const open = name => setOpened(old => new Set(old.has(name) ? [...old].filter(one => one !== name) : [...old, name]));
  const chosen = node
    ? opened.has(node.segment) || network.nodes.length <= 300
      ? `node:${node.name}`
      : `segment:${node.segment}`
    : line
      ? lineId(line)
      : undefined;
  return html`<div class="map">
    <div class="top"><h1>${t("place_map")}</h1>
      <input type="search" aria-label=${t("find_on_map")} placeholder=${t("find_on_map")} value=${find}
        onInput=${event => refine({ find: event.target.value })} />
      <select aria-label=${t("hide")} value=${query.hide ?? ""} onChange=${event => refine({ hide: event.target.value })}>
        <option value="">${t("hide_nothing")}</option>
        <option value="up">${t("hide_up")}</option><option value="clients">${t("hide_clients")}</option><option value="managers">
          ${t("hide_managers")}</option></select>
      <div class="row" role="group" aria-label=${t("shown_as")}><button type="button" class="button" aria-pressed=${!table}
        onClick=${() => refine({ view: "" })}>${t("as_map")}</button><button type="button" class="button" data-action="table"
        aria-pressed=${table} onClick=${() => refine({ view: "table" })}>${t("as_table")}</button></div>
      <span class="grow"></span>
      <${ReplayBar} span=${spanOfEvents(keptEvents())} at=${query.at} put=${moment => refine({ at: moment })} />
      ${maySend() ? html`<a class="button main" href="#/send">${t("new_send")}</a>` : null}
    </div>
    ${
      !at
        ? html`<div class="stage"><p class="empty">${t("loading")}</p></div>`
        : table
          ? html`<${MapTables} network=${network} find=${find} hidden=${hidden} chosen=${query.node} />`
          : html`<${MapStage} network=${network} opened=${opened} open=${open} hidden=${hidden} ways=${ways} chosen=${chosen}
            choose=${choose} single=${found}>
        ${query.at ? html`<p class="hint" role="status">${t("shows_past")}</p>` : null}<${Legend} /></${MapStage}>`
    }
    ${node ? html`<${NodePanel} network=${network} node=${node} close=${close} />` : line ? html`<${LinePanel} line=${line}
      close=${close} />` : null}
    <div class="below" data-strip><${RunningStrip}
      choose=${row => refine({ transfer: query.transfer === row.transfer ? "" : row.transfer })} chosen=${query.transfer}
      most=${30} /></div>
  </div>`;
}

function Legend() {
  return html`<div class="legend" aria-hidden="true"><span>▢ ${t("role_server")}</span><span>● ${t("role_client")}</span>
    <span>◎ ${t("role_manager")}</span><span>! ${t("tone_waiting")}</span><span>✕ ${t("tone_wrong")}</span></div>`;
}

function lineId(line) {
  return `line:${line.ends
    .map(end => `node:${end}`)
    .sort()
    .join("~")}`;
}

function foundIds(network, find) {
  const words = find.toLowerCase();
  const names = new Set(
    network.nodes
      .filter(node =>
        `${node.name} ${node.address ?? ""} ${node.networks.join(" ")} ${node.state} ${node.role}`.toLowerCase().includes(words),
      )
      .map(node => node.name),
  );
  const ids = new Set([...names].map(name => `node:${name}`));
  for (const line of network.lines) if (line.ends.every(end => names.has(end))) ids.add(lineId(line));
  for (const segment of network.segments) if (segment.members.some(name => names.has(name))) ids.add(`segment:${segment.server}`);
  return ids;
}
