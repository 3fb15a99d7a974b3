/// The list of transfers: filters and order in the address; older ones by pages from the node.
import { html, useEffect, useState } from "../base/html.js";
import { named, t } from "../base/language.js";
import { bytes, count, duration, moment, zoneName } from "../base/format.js";
import { State } from "../base/icons.js";
import { useStore } from "../base/store.js";
import { go, refine, useAddress, writeAddress } from "../base/address.js";
import { history, transfers } from "../api/watch.js";
import { ask } from "../api/client.js";
import { maySend } from "../api/session.js";
import { OVER, STATES, joined, matches, receivers, sorted, spanOf, tone } from "../model/transfers.js";
import { Table } from "../parts/table.js";
import { ProblemNote } from "../parts/problem_note.js";
import { useAction } from "../parts/action.js";
import { Progress } from "./running_strip.js";

const PAGE = 100,
  DRAWN = 400;

/// Rows beyond the newest, asked for with the filter that is set.
function useOlder({ state, file, node }) {
  const [older, put] = useState({ rows: [], page: 0, more: true });
  const action = useAction(async page => {
    const answer = await ask("GET", "/history", {
      query: { state: OVER.has(state) ? state : "", file, host: node, limit: PAGE, page },
    });
    const rows = answer.history ?? answer.transfers ?? [];
    put(old => ({ rows: page === 1 ? rows : [...old.rows, ...rows], page, more: answer.more ?? false }));
  });
  const filtered = Boolean(state || file || node);
  useEffect(() => {
    put({ rows: [], page: 0, more: true });
    if (filtered) action.run(1);
  }, [state, file, node]);
  return { ...older, action, next: () => action.run(older.page + 1) };
}

export function TransfersView() {
  const { query } = useAddress();
  const newest = useStore(transfers, value => value.rows);
  const over = useStore(history);
  const older = useOlder(query);
  const order = { column: query.sort?.replace("-", "") || "started", down: query.sort ? query.sort.startsWith("-") : true };
  const rows = sorted(
    joined([...newest, ...over.rows, ...older.rows]).filter(row => matches(row, query)),
    order.column,
    order.down,
  );
  const sort = column => refine({ sort: (order.column === column && order.down ? "" : "-") + column });
  const more = older.page ? older.more : over.more;
  const link = row => writeAddress(["transfers", row.transfer]);
  return html`<div class="page">
    <header><h1>${t("place_transfers")}</h1><span class="muted" role="status" data-count=${rows.length}>
      ${t("counted", { count: count(rows.length) })}</span>${maySend() ? html`<a class="button main" href="#/send">
      ${t("new_send")}</a>` : null}</header>
    <div class="row"><input type="search" aria-label=${t("find_transfers")} placeholder=${t("find_transfers")}
      value=${query.find ?? ""} onInput=${event => refine({ find: event.target.value })} />
      <div class="row" role="group" aria-label=${t("state")}>${["", ...STATES].map(state => html`<button type="button" key=${state}
        class="button" data-state=${state || "all"} aria-pressed=${(query.state ?? "") === state}
        onClick=${() => refine({ state })}>${state ? named("state", state) : t("all")}</button>`)}</div></div>
    ${query.file || query.node ? html`<ul class="chips" aria-label=${t("filters")}>
      ${["file", "node"].filter(name => query[name]).map(name => html`<li key=${name}><button type="button" class="button"
      aria-pressed="true" title=${t("take_filter_away")} onClick=${() => refine({ [name]: "" })}>
      ${t(name)}: ${query[name]} ✕</button></li>`)}</ul>` : null}
    <section class="card"><${Table} caption=${t("place_transfers")} rows=${rows.slice(0, DRAWN)} keyOf=${row => row.transfer}
      open=${row => go(["transfers", row.transfer])} order=${order} sort=${sort}
      empty=${html`<p>${Object.keys(query).length ? t("no_such_transfers") : t("no_transfers")}</p>${Object.keys(query).length
        ? html`<a class="button" href="#/transfers">${t("show_all")}</a>` : maySend() ? html`<a class="button main"
        href="#/send">${t("new_send")}</a>` : null}`} columns=${[
        {
          key: "state",
          text: t("state"),
          sorts: true,
          cell: row => html`<${State} tone=${tone(row.state)}>${named("state", row.state)}</${State}>`,
        },
        { key: "file", text: t("file"), sorts: true, cell: row => html`<a href=${link(row)}>${row.file}</a>` },
        {
          key: "from",
          text: t("from_to"),
          sorts: true,
          cell: row =>
            html`${row.from} → ${receivers(row).map(([name, state], at) => html`${at ? ", " : ""}
              <span class=${tone(state) === "wrong" ? "mistake" : ""}>${name}</span>`)}`,
        },
        {
          key: "progress",
          text: t("progress"),
          sorts: true,
          cell: row =>
            OVER.has(row.state) ? html`<span class="muted">${bytes(row.bytes)}</span>` : html`<${Progress} row=${row} />`,
        },
        { key: "size", text: t("size"), sorts: true, number: true, cell: row => (row.size ? bytes(row.size) : "–") },
        {
          key: "started",
          text: t("started_zone", { zone: zoneName() }),
          sorts: true,
          number: true,
          cell: row => moment(row.started),
        },
        { key: "duration", text: t("took"), sorts: true, number: true, cell: row => duration(spanOf(row)) },
        { key: "reason", text: t("reason"), cell: row => html`<span class="small breaks">${row.reason ?? ""}</span>` },
      ]} />
      ${rows.length > DRAWN ? html`<p class="muted">${t("first_of", { some: DRAWN, all: count(rows.length) })}</p>` : null}
      ${more ? html`<p class="row"><button type="button" class="button" disabled=${older.action.busy} data-action="older"
        onClick=${older.next}>${t("older")}</button></p>` : null}
      <${ProblemNote} problem=${older.action.problem} /></section>
  </div>`;
}
