/// The hops of one transfer as a picture, and the chosen hop's details below: what it was told, what came next, when.
import { html, useState } from "../base/html.js";
import { named, t } from "../base/language.js";
import { bytes, moment } from "../base/format.js";
import { State } from "../base/icons.js";
import { hopTree } from "../model/hop_tree.js";
import { tone } from "../model/transfers.js";

const short = name => (name.length > 16 ? `${name.slice(0, 15)}…` : name);
const labelOf = edge =>
  `${short(edge.to)} ${edge.number}: ${named("hop", edge.state)}${short(edge.to) === edge.to ? "" : `, ${edge.to}`}`;
const SIGN = { good: "✓", wrong: "✕", running: "→", waiting: "…" };
const toneOf = edge => (edge.state === "planned" ? "planned" : tone(edge.state));

export function HopPicture({ edges, roles = {}, detail }) {
  const [chosen, choose] = useState("");
  if (!edges.length) return html`<p class="muted">${t("no_hops")}</p>`;
  const { places, width, height } = hopTree(edges);
  const shown = edges.find(edge => `${edge.from}>${edge.to}` === chosen);
  return html`<div class="hop-picture"><div class="scrolls" tabindex="0" role="region" aria-label=${t("hops")}><svg width=${width}
    height=${height} role="group" aria-label=${t("hops")}>
    <defs>${["good", "wrong", "running", "waiting", "planned"].map(name => html`<marker id=${`tip-${name}`} class=${`tip ${name}`}
      viewBox="0 0 8 8" refX="7" refY="4" markerWidth="4.5" markerHeight="4.5" orient="auto-start-reverse">
      <path d="M0 0 8 4 0 8z" /></marker>`)}</defs>
    ${edges.map(edge => {
      const [a, b] = [places.get(edge.from), places.get(edge.to)];
      const x1 = a.x + 62,
        x2 = b.x - 62,
        mid = (x1 + x2) / 2;
      const forth = x2 > x1;
      const path = forth
        ? `M${x1} ${a.y}C${mid} ${a.y} ${mid} ${b.y} ${x2} ${b.y}`
        : `M${a.x} ${a.y + 18}C${a.x} ${a.y + 50} ${b.x} ${b.y + 50} ${b.x} ${b.y + 20}`;
      return html`<path key=${`${edge.from}>${edge.to}`} class=${`hop ${toneOf(edge)}`} d=${path}
        marker-end=${`url(#tip-${toneOf(edge)})`} />`;
    })}
    ${[...places].map(([name, place]) => {
      const edge = edges.find(one => one.to === name);
      const press = () => edge && choose(chosen === `${edge.from}>${name}` ? "" : `${edge.from}>${name}`);
      return html`<g key=${name} class=${`stop ${edge ? toneOf(edge) : "start"}`} transform=${`translate(${place.x} ${place.y})`}
        data-stop=${name} tabindex=${edge ? 0 : undefined} role=${edge ? "button" : undefined}
          aria-label=${edge ? labelOf(edge) : name} aria-pressed=${edge ? chosen === `${edge.from}>${name}` : undefined}
            onClick=${press} onKeyDown=${event => {
            if (event.key === "Enter" || event.key === " ") {
              event.preventDefault();
              press();
            }
          }}>
        <rect x="-60" y="-18" width="120" height="36" rx=${roles[name] === "client" ? 18 : 7} />
        <text y="5">${edge && toneOf(edge) !== "planned" ? `${SIGN[tone(edge.state)]} ` : ""}${short(name)}</text></g>
        ${edge ? html`<text class="count" x=${place.x - 60} y=${place.y - 21} aria-hidden="true">${edge.number}</text>` : null}`;
    })}
  </svg></div>
  ${shown ? html`<div class="note" data-hop=${shown.to}>${detail ? detail(shown) : html`<${HopDetail} edge=${shown} />`}</div>`
    : html`<p class="small muted">${t("choose_hop")}</p>`}</div>`;
}

function toldText(told) {
  return [told?.file, told?.destination && `→ ${[told.destination].flat().join(", ")}`].filter(Boolean).join(" ");
}

function HopDetail({ edge }) {
  const next = edge.next;
  return html`<dl class="facts"><dt>${t("hop")}</dt><dd>${edge.number}. ${edge.from} → ${edge.to}</dd>
    <dt>${t("told")}</dt><dd>${toldText(edge.told && typeof edge.told === "object" ? edge.told : edge) || "–"}</dd>
    ${edge.by && edge.dialled ? html`<dt>${t("next_hop")}</dt><dd>${edge.host} → ${edge.to} (<code>${edge.dialled}
      </code>), ${named("by", edge.by)}</dd>` : null}
    ${next ? html`<dt>${t("next_hop")}</dt><dd>${next.host} → ${next.hop} (<code>${next.dialled}</code>), ${named("by", next.by)}
      </dd>` : null}
    ${
      edge.fallback?.length
        ? html`<dt>${t("fallback")}</dt><dd>${[edge.fallback]
            .flat()
            .map(one => one.hop ?? one)
            .join(", ")}</dd>`
        : null
    }
    ${edge.state !== "planned" ? html`<dt>${t("state")}</dt><dd><${State} tone=${tone(edge.state)}>${named("hop", edge.state)}
      </${State}></dd>` : null}
    ${typeof edge.told === "string" ? html`<dt>${t("told_at")}</dt><dd>${moment(edge.told, true)}</dd>` : null}
    ${edge.closed ? html`<dt>${t("closed_at")}</dt><dd>${moment(edge.closed, true)} · ${bytes(edge.bytes)}</dd>` : null}
    ${edge.reason ? html`<dt>${t("reason")}</dt><dd class="breaks">${edge.reason}</dd>` : null}</dl>`;
}
