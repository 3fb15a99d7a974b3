/// A row a node, a bar a circuit: told, opened, carried, closed; several attempts stand one after another.
import { html } from "../base/html.js";
import { named, t } from "../base/language.js";
import { duration } from "../base/format.js";
import { tone } from "../model/transfers.js";

const WIDTH = 1100,
  NAME = 160,
  ROW = 34;

export function Timeline({ timeline }) {
  const { rows, length } = timeline;
  if (!rows.length) return html`<p class="muted">${t("no_events")}</p>`;
  const x = ms => NAME + (ms / length) * (WIDTH - NAME - 14);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(part => part * length);
  return html`<div class="scrolls" tabindex="0" role="region" aria-label=${t("timeline")}><svg class="timeline"
    viewBox=${`0 0 ${WIDTH} ${rows.length * ROW + 30}`} role="img"
    aria-label=${t("timeline_over", { time: duration(length), nodes: rows.length })}>
    ${ticks.map(ms => html`<g class="tick"><path d=${`M${x(ms)} 22V${rows.length * ROW + 30}`} /><text x=${x(ms)} y="14"
      text-anchor=${ms === 0 ? "start" : ms === length ? "end" : "middle"}>${duration(ms)}</text></g>`)}
    ${rows.map(
      (
        row,
        at,
      ) => html`<g key=${row.node} transform=${`translate(0 ${26 + at * ROW})`}><text class="name" x="4" y="20">
        ${row.node.length > 18 ? `${row.node.slice(0, 17)}…` : row.node}</text>
      ${row.bars.map(
        bar => html`<g class=${`bar-of ${tone(bar.hop.state)}`}><title>
          ${`${named("hop", bar.hop.state)}, ${duration(bar.to - bar.from)}`}</title>
        <rect class="asked" x=${x(bar.from)} y="8" width=${Math.max(3, x(bar.opened ?? bar.to) - x(bar.from))} height="16" rx="3" />
        ${bar.opened !== undefined ? html`<rect x=${x(bar.opened)} y="8" width=${Math.max(3, x(bar.to) - x(bar.opened))} height="16"
          rx="3" />` : null}</g>`,
      )}
      ${row.marks.map(mark => html`<g class=${`mark ${mark.event.event}`} transform=${`translate(${x(mark.at)} 16)`}><title>
        ${`${named("event", mark.event.event)} ${mark.event.reason ?? mark.event.result ?? ""}`}</title>
        <path d=${mark.event.event === "refused" ? "M-5-5 5 5M5-5-5 5" : "M0-7 6 0 0 7-6 0z"} /></g>`)}
    </g>`,
    )}</svg></div>`;
}
