/// Gateways, links and streams of one server, as it says them.
import { html, useMemo } from "../../base/html.js";
import { named, t } from "../../base/language.js";
import { bytes, count } from "../../base/format.js";
import { State } from "../../base/icons.js";
import { samplesOf } from "../../api/samples.js";
import { RatePlot } from "../../parts/rate_plot.js";
import { Table } from "../../parts/table.js";
import { toneOf } from "./gateway_tone.js";
import { linkColumns } from "./link_columns.js";
import { StreamTable } from "./stream_table.js";

export function ServerGateways({ row }) {
  const plot = useMemo(() => samplesOf(`gateway ${row.node}`), [row]);
  const { gateways, streams } = row;
  const refused = Object.entries(gateways.refused ?? {});
  return html`<section class="card stack" data-gateways=${row.node}><h2>${row.node}</h2>
    <${Table} caption=${t("gateways_at", { node: row.node })} rows=${gateways.gateways ?? []} keyOf=${one => one.name}
      empty=${t("no_gateways")} columns=${[
      { key: "name", text: t("name"), cell: one => html`<strong>${one.name}</strong>` },
      {
        key: "state",
        text: t("state"),
        cell: one =>
          html`<${State} tone=${toneOf(one.state)}>${named("gateway", one.state)}</${State}>${one.reason
            ? html`<div class="small breaks">${one.reason}</div>` : null}`,
      },
      { key: "ends", text: t("from_to"), cell: one => `${one.calling} → ${one.called ?? ""}` },
      { key: "protocol", text: t("protocol"), cell: one => one.protocol ?? "" },
      { key: "listen", text: t("listens"), cell: one => html`<code>${one.listen ?? ""}</code>` },
      { key: "deliver", text: t("delivers"), cell: one => html`<code>${one.deliver ?? ""}</code>` },
      { key: "streams", text: t("streams"), number: true, cell: one => count(one.streams ?? 0) },
    ]} />
    ${
      gateways.links?.length
        ? html`<${Table} caption=${t("links")} rows=${gateways.links} keyOf=${link => link.peer} columns=${[
            { key: "peer", text: t("link_to"), cell: link => link.peer },
            ...linkColumns(link => link.round_trip_micros),
            { key: "out", text: t("bytes_out"), number: true, cell: link => bytes(link.bytes_out) },
            { key: "in", text: t("bytes_in"), number: true, cell: link => bytes(link.bytes_in) },
            {
              key: "streams",
              text: t("streams"),
              number: true,
              cell: link => `${count(link.streams)} (${count(link.opened + link.accepted)})`,
            },
          ]} />`
        : null
    }
    ${plot[0].length > 1 ? html`<${RatePlot} samples=${plot} label=${t("rate_of", { name: row.node })} />` : null}
    ${refused.length ? html`<div class="note waiting">
      ${t("refused_so_far")}: ${refused.map(([code, number]) => `${named("code", code)} ${count(number)}`).join(", ")}</div>`
      : null}
    <${StreamTable} streams=${streams} /></section>`;
}
