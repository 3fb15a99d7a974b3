/// One transfer: what became of it in a sentence, its hops, timeline, receivers, attempts, jobs, rate; and what may be done with it.
import { html, useMemo } from "../base/html.js";
import { named, t } from "../base/language.js";
import { bytes, count, duration, moment, rate } from "../base/format.js";
import { State } from "../base/icons.js";
import { useStore } from "../base/store.js";
import { writeAddress } from "../base/address.js";
import { samplesOf, sampled } from "../api/samples.js";
import { edgesOf, hopsOf, inOrder, timelineOf } from "../model/journey.js";
import { OVER, receivers, spanOf, tone } from "../model/transfers.js";
import { HopPicture } from "../parts/hop_picture.js";
import { Timeline } from "../parts/timeline.js";
import { RatePlot } from "../parts/rate_plot.js";
import { ReasonNote, ProblemNote } from "../parts/problem_note.js";
import { Table } from "../parts/table.js";
import { useNetwork } from "./use_network.js";
import { Progress } from "./running_strip.js";
import { TransferActions } from "./transfer_actions.js";
import { useTransfer } from "./use_transfer.js";

function Facts({ row }) {
  const fact = (text, value) => (value === undefined || value === "" ? null : html`<dt>${text}</dt><dd>${value}</dd>`);
  return html`<dl class="facts">
    ${fact(t("size"), row.size ? `${bytes(row.bytes)} / ${bytes(row.size)}` : bytes(row.bytes))}
    ${fact(t("started"), moment(row.started, true))}
    ${fact(t("ended"), row.ended && moment(row.ended, true))}
    ${fact(t("took"), duration(spanOf(row)))}
    ${fact(t("attempt"), row.attempt)}
    ${fact(t("next_attempt"), row.next_attempt && moment(row.next_attempt, true))}
    ${fact(t("safe"), row.safe && bytes(row.safe))}
    ${fact(t("rate_limit"), row.rate && rate(row.rate))}
    ${fact(t("requested_by"), row.requested_by)}
    ${row.resend_of ? html`<dt>${t("resend_of")}</dt><dd><a href=${writeAddress(["transfers", row.resend_of])}>${row.resend_of}</a>
      </dd>` : null}
    ${fact(t("digest"), row.digest && html`<code class="breaks">${row.digest}</code>`)}
    <dt>${t("id")}</dt><dd><code class="breaks">${row.transfer}</code></dd></dl>`;
}

function Jobs({ jobs }) {
  if (!jobs?.length) return null;
  return html`<section class="card"><h2>${t("jobs")}</h2><${Table} caption=${t("jobs")}
    rows=${jobs.map((job, at) => ({ ...job, at }))} keyOf=${job => job.at} columns=${[
    { key: "job", text: t("job"), cell: job => named("job", job.job) },
    { key: "node", text: t("node"), cell: job => job.node },
    {
      key: "result",
      text: t("result"),
      cell: job => html`<${State} tone=${tone(job.result)}>${named("state", job.result)}</${State}>`,
    },
    {
      key: "said",
      text: t("said"),
      cell: job =>
        html`<div class="breaks">${job.reason ?? job.said ?? ""}</div>${job.output ? html`<details><summary>${t("output")}</summary>
          <pre class="breaks small">${job.output}</pre></details>` : null}`,
    },
  ]} /></section>`;
}

function Attempts({ row }) {
  if (!row.broken?.length) return null;
  return html`<section class="card"><h2>${t("failed_attempts")}</h2><${Table} caption=${t("failed_attempts")} rows=${row.broken}
    keyOf=${one => one.attempt} columns=${[
    { key: "attempt", text: t("attempt"), number: true, cell: one => one.attempt },
    { key: "ended", text: t("ended"), cell: one => moment(one.ended, true) },
    { key: "reason", text: t("reason"), cell: one => html`<span class="breaks">${one.reason}</span>` },
  ]} /></section>`;
}

function Events({ events }) {
  const tail = event =>
    Object.entries(event)
      .filter(([key]) => !["time", "node", "event", "transfer", "since_ms"].includes(key))
      .map(([key, value]) => `${key} ${typeof value === "object" ? JSON.stringify(value) : value}`)
      .join(", ");
  return html`<details class="card"><summary>${t("all_events", { count: count(events.length) })}</summary><${Table}
    caption=${t("events")} rows=${inOrder(events).map((event, at) => ({ ...event, at }))} keyOf=${event => event.at} columns=${[
    { key: "time", text: t("time"), cell: event => html`<span class="nowrap digits">${event.time.slice(11, 23)} Z</span>` },
    { key: "node", text: t("node"), cell: event => event.node },
    { key: "event", text: t("event"), cell: event => named("event", event.event) },
    { key: "tail", text: t("details"), cell: event => html`<span class="small breaks">${tail(event)}</span>` },
  ]} /></details>`;
}

export function TransferView({ id }) {
  const { row, events, missing, problem, loaded } = useTransfer(id);
  const network = useNetwork();
  const samples = useStore(sampled);
  const edges = useMemo(() => withHops(events), [events.length, events.at(-1)?.time]);
  const timeline = useMemo(() => timelineOf(events), [events.length, events.at(-1)?.time]);
  const plot = useMemo(() => samplesOf(id), [samples, id]);
  const roles = Object.fromEntries(network.nodes.map(node => [node.name, node.role]));
  if (!row)
    return html`<div class="page"><header><h1>${t("transfer")}</h1></header>${loaded ? html`<${ProblemNote}
      problem=${problem ?? { message: t("no_such_transfer"), code: "unknown-file" }} /><a class="button" href="#/transfers">
      ${t("show_all")}</a>` : html`<p class="empty">${t("loading")}</p>`}</div>`;
  return html`<div class="page" data-transfer=${id} data-state=${row.state}>
    <header><h1 class="breaks">${row.file}: ${row.from} → ${receivers(row)
      .map(([name]) => name)
      .join(", ")}</h1><${State} tone=${tone(row.state)}>${named("state", row.state)}</${State}></header>
    <${TransferActions} row=${row} />
    ${row.reason ? html`<${ReasonNote} reason=${row.reason} />` : null}
    ${missing.length ? html`<div class="note waiting">${t("trace_lacks", { nodes: missing.map(one => one.node).join(", ") })}</div>`
      : null}
    ${OVER.has(row.state) ? null : html`<section class="card" aria-label=${t("progress")}><${Progress} row=${row} /></section>`}
    <section class="card"><h2>${t("hops")}</h2><${HopPicture} edges=${edges} roles=${roles} /><p>
      <a href=${writeAddress(["map"], { transfer: id })}>${t("on_the_map")}</a></p></section>
    <div class="columns">
      <section class="card"><h2>${t("receivers")}</h2><${Table} caption=${t("receivers")} rows=${receivers(row)}
        keyOf=${([name]) => name} columns=${[
        { key: "name", text: t("name"), cell: ([name]) => html`<a href=${writeAddress(["map"], { node: name })}>${name}</a>` },
        {
          key: "state",
          text: t("state"),
          cell: ([, state]) => html`<${State} tone=${tone(state)}>${named("state", state)}</${State}>`,
        },
      ]} /></section>
      <section class="card"><h2>${t("details")}</h2><${Facts} row=${row} /></section>
    </div>
    ${plot[0].length > 1 ? html`<section class="card"><h2>${t("rate")}</h2><${RatePlot} samples=${plot} /></section>` : null}
    <section class="card"><h2>${t("timeline")}</h2><${Timeline} timeline=${timeline} /><p class="small muted">${t("clocks_differ")}
      </p></section>
    <${Attempts} row=${row} /><${Jobs} jobs=${row.jobs} /><${Events} events=${events} />
  </div>`;
}

function withHops(events) {
  const hops = hopsOf(events);
  return edgesOf(events).map(edge => ({ ...hops.filter(hop => hop.from === edge.from && hop.to === edge.to).at(-1), ...edge }));
}
