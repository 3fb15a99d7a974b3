/// The same as the map, as tables: for screen readers, for 2,000 nodes, and for who likes tables.
import { html } from "../base/html.js";
import { t } from "../base/language.js";
import { count, rate, roundTrip, timeLeft } from "../base/format.js";
import { State } from "../base/icons.js";
import { writeAddress } from "../base/address.js";
import { Table } from "../parts/table.js";
import { whyText } from "./node_words.js";

const MOST = 500;

export function MapTables({ network, find = "", hidden = () => false, chosen }) {
  const words = find.toLowerCase();
  const nodes = network.nodes.filter(
    node =>
      !hidden(node) &&
      `${node.name} ${node.home ?? ""} ${node.address ?? ""} ${node.networks.join(" ")}`.toLowerCase().includes(words),
  );
  const go = query => () => {
    location.hash = writeAddress(["map"], { view: "table", ...query });
  };
  return html`<div class="tables stack wide">
    <section class="card"><h2>${t("nodes_counted", { count: count(nodes.length) })}</h2><${Table} caption=${t("nodes")}
      rows=${nodes.slice(0, MOST)} keyOf=${node => node.name} chosen=${chosen}
      open=${node => go({ node: node.name, find })()} empty=${t("found_nothing")} columns=${[
        {
          key: "state",
          text: t("state"),
          cell: node => html`<${State} tone=${{ up: "good" }[node.state] ?? node.state}>${t(`sign_${node.sign}`)}</${State}>`,
        },
        {
          key: "name",
          text: t("name"),
          cell: node => html`<a href=${writeAddress(["map"], { view: "table", node: node.name, find })}>${node.name}</a>`,
        },
        { key: "role", text: t("role"), cell: node => t(`role_${node.role}`) },
        { key: "home", text: t("home"), cell: node => node.home ?? "" },
        { key: "address", text: t("address"), cell: node => html`<code>${node.address}</code>` },
        {
          key: "definition",
          text: t("definition"),
          cell: node => (node.status?.definition?.version ? String(node.status.definition.version) : "–"),
        },
        {
          key: "certificate",
          text: t("certificate"),
          cell: node => (node.status?.certificate?.until ? timeLeft(node.status.certificate.until) : "–"),
        },
        {
          key: "why",
          text: t("reason"),
          cell: node => html`<span class="small breaks">${node.why.map(whyText).join("; ")}</span>`,
        },
      ]} />${nodes.length > MOST ? html`<p class="muted small">${t("first_of", { some: MOST, all: count(nodes.length) })}</p>`
        : null}</section>
    <section class="card"><h2>${t("lines")}</h2><${Table} caption=${t("lines")}
      rows=${network.lines.filter(line => line.ends.join(" ").toLowerCase().includes(words)).slice(0, MOST)}
      keyOf=${line => line.id} columns=${[
      {
        key: "state",
        text: t("state"),
        cell: line =>
          html`<${State} tone=${{ up: "good", wrong: "wrong" }[line.state] ?? "unknown"}>${t(`line_${line.state}`)}</${State}>`,
      },
      {
        key: "ends",
        text: t("line"),
        cell: line => html`<a href=${writeAddress(["map"], { view: "table", line: line.id, find })}>${line.ends.join(" – ")}</a>`,
      },
      { key: "cost", text: t("cost_head"), number: true, cell: line => line.cost ?? "–" },
      {
        key: "trip",
        text: t("round_trip"),
        number: true,
        cell: line => (line.roundTrip === undefined ? "–" : roundTrip(line.roundTrip)),
      },
      { key: "rate", text: t("rate"), number: true, cell: line => (line.rate === undefined ? "–" : rate(line.rate)) },
      { key: "circuits", text: t("circuits_head"), number: true, cell: line => line.circuits ?? 0 },
    ]} empty=${t("no_lines")} /></section>
  </div>`;
}
