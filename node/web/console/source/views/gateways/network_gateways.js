/// Gateways of the whole network, at a manager: what is carried, over which links with what rate, and who talks to whom.
import { html, useMemo } from "../../base/html.js";
import { named, t } from "../../base/language.js";
import { bytes, count, rate } from "../../base/format.js";
import { State } from "../../base/icons.js";
import { refine, useAddress } from "../../base/address.js";
import { gatewayRows, linkRows, talkRows } from "../../model/gateways.js";
import { samplesOf } from "../../api/samples.js";
import { Lacking } from "../../parts/lacking.js";
import { RatePlot } from "../../parts/rate_plot.js";
import { Table } from "../../parts/table.js";
import { toneOf } from "./gateway_tone.js";
import { linkColumns } from "./link_columns.js";
import { StreamTable } from "./stream_table.js";

export const ALL_LINKS = "gateway links";
export const sampleOfLink = key => `gateway link ${key}`;

const Sides = ({ sides }) =>
  sides.map(
    side => html`<div key=${side.node}>${side.node}: <${State} tone=${toneOf(side.state)}>${named("gateway", side.state)}</${State}>
      ${side.reason ? html`<div class="small breaks">${side.reason}</div>` : null}</div>`,
  );

const matching = (rows, find, text) => rows.filter(row => text(row).toLowerCase().includes(find));

function Links({ rows, chosen }) {
  const name = chosen ? sampleOfLink(chosen) : ALL_LINKS;
  const plot = useMemo(() => samplesOf(name), [name, rows]);
  const rateNow = key => samplesOf(sampleOfLink(key))[1].at(-1);
  return html`<section class="card stack"><div class="row"><h2 class="grow">${t("links")}</h2>${
    chosen ? html`<button type="button" class="button" onClick=${() => refine({ link: "" })}>${t("all")}</button>` : null
  }</div><${Table} caption=${t("links")} rows=${rows} keyOf=${link => link.key} chosen=${chosen}
      open=${link => refine({ link: link.key })} empty=${t("no_links")} columns=${[
        {
          key: "pair",
          text: t("links"),
          cell: link => html`<button type="button" class="button" data-link=${link.key}
            onClick=${() => refine({ link: link.key })}>${link.a} ↔ ${link.b}</button>`,
        },
        ...linkColumns(link => link.trip),
        { key: "rate", text: t("rate"), number: true, cell: link => rate(rateNow(link.key)) },
        { key: "bytes", text: t("there_and_back"), number: true, cell: link => `${bytes(link.out)} / ${bytes(link.back)}` },
        { key: "streams", text: t("streams"), number: true, cell: link => `${count(link.streams)} (${count(link.opened)})` },
      ]} />
    ${plot[0].length > 1 ? html`<${RatePlot} samples=${plot} label=${t("rate_of", { name: chosen ?? t("links") })} />` : null}
    </section>`;
}

export function NetworkGateways({ servers, streams, missing }) {
  const { query } = useAddress();
  const find = (query.find ?? "").toLowerCase();
  const gateways = matching(gatewayRows(servers), find, row => `${row.name} ${row.calling} ${row.called} ${row.listen} ${row.deliver}`);
  const links = linkRows(servers);
  const talks = matching(talkRows(streams), find, row => `${row.gateway} ${row.from} ${row.to} ${row.node} ${row.peer}`);
  const refused = servers.filter(row => Object.keys(row.refused ?? {}).length);
  const chosen = links.some(link => link.key === query.link) ? query.link : undefined;
  return html`<${Lacking} missing=${missing} /><section class="card stack" data-gateways="network"><h2>${t("place_gateways")}</h2>
    <${Table} caption=${t("place_gateways")} rows=${gateways} keyOf=${one => one.key} empty=${t("no_gateways")} columns=${[
      { key: "name", text: t("name"), cell: one => html`<strong>${one.name}</strong>` },
      { key: "state", text: t("state"), cell: one => html`<${Sides} sides=${one.sides} />` },
      { key: "ends", text: t("from_to"), cell: one => `${one.calling} → ${one.called ?? ""}` },
      { key: "protocol", text: t("protocol"), cell: one => one.protocol ?? "" },
      { key: "listen", text: t("listens"), cell: one => html`<code>${one.listen ?? ""}</code>` },
      { key: "deliver", text: t("delivers"), cell: one => html`<code>${one.deliver ?? ""}</code>` },
      { key: "streams", text: t("streams"), number: true, cell: one => count(one.streams) },
    ]} />
    ${refused.map(
      row => html`<div class="note waiting" key=${row.node}>${row.node}: ${t("refused_so_far")}: ${Object.entries(row.refused)
        .map(([code, number]) => `${named("code", code)} ${count(number)}`)
        .join(", ")}</div>`,
    )}</section>
    <${Links} rows=${links} chosen=${chosen} />
    <section class="card stack" data-talks><h2>${t("who_talks")}</h2><${Table} caption=${t("who_talks")} rows=${talks}
      keyOf=${one => one.key} empty=${t("no_streams")} columns=${[
        { key: "from", text: t("from"), cell: one => html`<code>${one.from}</code>` },
        { key: "to", text: t("to"), cell: one => html`<code>${one.to}</code>` },
        { key: "gateway", text: t("gateway"), cell: one => one.gateway },
        { key: "over", text: t("over"), cell: one => `${one.node} → ${one.peer}` },
        { key: "streams", text: t("streams"), number: true, cell: one => count(one.count) },
        { key: "bytes", text: t("there_and_back"), number: true, cell: one => `${bytes(one.bytes)} / ${bytes(one.bytes_back)}` },
      ]} /><${StreamTable} streams=${streams} /></section>`;
}
