/// Gateways and streams of the server that served this page: who talks to whom over which links, with what rate.
import { html, useEffect, useMemo, useState } from "../base/html.js";
import { named, t } from "../base/language.js";
import { bytes, count, duration, moment, roundTrip } from "../base/format.js";
import { State } from "../base/icons.js";
import { useStore } from "../base/store.js";
import { refine, useAddress } from "../base/address.js";
import { network } from "../api/watch.js";
import { addSample, samplesOf } from "../api/samples.js";
import { ask } from "../api/client.js";
import { session } from "../api/session.js";
import { RatePlot } from "../parts/rate_plot.js";
import { ProblemNote } from "../parts/problem_note.js";
import { Table } from "../parts/table.js";

const toneOf = state =>
  ({ listening: "good", serving: "good", up: "good", open: "running", failed: "wrong", down: "wrong", closed: "unknown" })[
    state
  ] ?? "waiting";

async function gatewaysOf(node) {
  try {
    const [{ gateways }, { streams = [] }] = await Promise.all([ask("GET", "/gateways"), ask("GET", "/streams")]);
    const total = (gateways.links ?? []).reduce((sum, link) => sum + link.bytes_out + link.bytes_in, 0);
    addSample(`gateway ${node}`, Date.now() / 1000, total);
    return { node, gateways, streams };
  } catch (problem) {
    return { node, problem };
  }
}

/// Asked for with every look at the network.
function useGateways(node) {
  const at = useStore(network, value => value.at);
  const [row, put] = useState(null);
  useEffect(() => {
    let here = true;
    gatewaysOf(node).then(answer => here && put(answer));
    return () => {
      here = false;
    };
  }, [at, node]);
  return row;
}

function OneNode({ row }) {
  const plot = useMemo(() => samplesOf(`gateway ${row.node}`), [row]);
  if (row.problem)
    return html`<section class="card stack"><h2>${row.node}</h2><${ProblemNote} problem=${row.problem} /></section>`;
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
            {
              key: "state",
              text: t("state"),
              cell: link => html`<${State} tone=${toneOf(link.state)}>${named("gateway", link.state)}</${State}>`,
            },
            { key: "since", text: t("since"), cell: link => moment(link.since, true) },
            {
              key: "trip",
              text: t("round_trip"),
              number: true,
              cell: link => (link.round_trip_micros === undefined ? "–" : roundTrip(link.round_trip_micros)),
            },
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
    <${Streams} streams=${streams} /></section>`;
}

const SHOWN = 200;

function Streams({ streams }) {
  const { query } = useAddress();
  const find = (query.find ?? "").toLowerCase();
  const rows = streams.filter(one => `${one.gateway} ${one.peer} ${one.from} ${one.to}`.toLowerCase().includes(find));
  return html`<details open=${rows.length > 0}><summary>${t("streams_counted", { count: count(rows.length) })}</summary><${Table}
    caption=${t("streams")} rows=${rows.slice(0, SHOWN)} keyOf=${one => one.number} empty=${t("no_streams")} columns=${[
    { key: "gateway", text: t("gateway"), cell: one => one.gateway },
    { key: "from", text: t("from"), cell: one => html`<code>${one.from}</code>` },
    { key: "to", text: t("to"), cell: one => html`<code>${one.to}</code>` },
    { key: "peer", text: t("over"), cell: one => one.peer },
    {
      key: "state",
      text: t("state"),
      cell: one => html`<${State} tone=${toneOf(one.state)}>${named("stream", one.state)}</${State}>`,
    },
    { key: "bytes", text: t("there_and_back"), number: true, cell: one => `${bytes(one.bytes)} / ${bytes(one.bytes_back)}` },
    { key: "opened", text: t("open_for"), number: true, cell: one => duration(Date.now() - new Date(one.opened)) },
  ]} /></details>`;
}

export function GatewaysView() {
  const { query } = useAddress();
  const account = useStore(session, value => value.account);
  const row = useGateways(account.node);
  return html`<div class="page"><header><h1>${t("place_gateways")}</h1><input type="search" aria-label=${t("find_stream")}
    placeholder=${t("find_stream")} value=${query.find ?? ""} onInput=${event => refine({ find: event.target.value })} /></header>
    ${row ? html`<${OneNode} row=${row} />` : html`<p class="empty">${t("loading")}</p>`}</div>`;
}
