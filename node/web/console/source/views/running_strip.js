/// The transfers that run or wait, newest first, with their progress.
import { html } from "../base/html.js";
import { named, t } from "../base/language.js";
import { duration, percent, rate } from "../base/format.js";
import { State } from "../base/icons.js";
import { useStore } from "../base/store.js";
import { writeAddress } from "../base/address.js";
import { transfers } from "../api/watch.js";
import { joined, pace, progress, sorted, tone } from "../model/transfers.js";

function usePace(row) {
  const state = useStore(transfers);
  return pace(
    state.before.find(old => old.transfer === row.transfer && old.side === row.side),
    row,
    state.at - state.beforeAt,
  );
}

export function Progress({ row }) {
  const { rate: perSecond, left } = usePace(row);
  const part = progress(row);
  return html`<span class="progress"><span class="bar ${tone(row.state)}" role="progressbar" aria-label=${row.file}
    aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.floor(part * 100)}><i style=${{ width: `${part * 100}%` }}></i>
    </span>
    <span class="small nowrap digits">${percent(part)}</span>
    ${row.state === "running" && perSecond !== undefined ? html`<span class="small muted nowrap">
      ${rate(perSecond)}${left ? ` · ${t("time_left", { time: duration(left) })}` : ""}</span>` : null}</span>`;
}

/// `choose`: on the map, a click draws the way; elsewhere it opens the transfer.
export function RunningStrip({ choose, chosen, most = 8 }) {
  const rows = sorted(
    joined(useStore(transfers, value => value.rows)).filter(row => ["running", "queued", "spooled"].includes(row.state)),
  );
  if (!rows.length) return html`<p class="muted" data-strip="empty">${t("nothing_runs")}</p>`;
  return html`<ul class="strip" aria-label=${t("running_now")}>${rows.slice(0, most).map(
    row => html`<li key=${row.transfer} data-transfer=${row.transfer} aria-current=${chosen === row.transfer ? "true" : undefined}>
    <${State} tone=${tone(row.state)}>${named("state", row.state)}</${State}>
    ${choose ? html`<button type="button" class="link" onClick=${() => choose(row)}>${row.file}</button>`
      : html`<a href=${writeAddress(["transfers", row.transfer])}>${row.file}</a>`}
    <span class="ends">${row.from} → ${Object.keys(row.to).join(", ")}</span><${Progress} row=${row} /></li>`,
  )}
    ${rows.length > most ? html`<li><a href="#/transfers?state=running">${t("and_more", { more: rows.length - most })}</a></li>`
      : null}</ul>`;
}
