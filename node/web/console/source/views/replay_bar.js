/// The last hour, from the events: a slider; at its right end is now.
import { html } from "../base/html.js";
import { t } from "../base/language.js";
import { moment } from "../base/format.js";

export function ReplayBar({ span, at, put }) {
  if (!span) return null;
  const from = new Date(span.from).getTime();
  const to = from + 1000 * Math.ceil(Math.max(1, Date.now() - from, new Date(span.to) - from) / 1000); // whole steps, so that "now" is one
  const value = at ? new Date(at).getTime() : to;
  const text = at ? moment(at, true) : t("now");
  return html`<div class="replay" role="group" aria-label=${t("replay")}>
    <span class="small muted nowrap">${moment(span.from)}</span>
    <input type="range" aria-label=${t("replay")} aria-valuetext=${text} min=${from} max=${to} step="1000" value=${value}
      onInput=${event => put(Number(event.target.value) >= to - 2000 ? "" : new Date(Number(event.target.value)).toISOString())} />
    ${at ? html`<button type="button" class="button" data-action="now" onClick=${() => put("")}>${t("back_to_now")}</button>
      <strong class="small nowrap">${text}</strong>` : html`<span class="small nowrap">${text}</span>`}
  </div>`;
}
