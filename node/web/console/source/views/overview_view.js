/// The day at a glance: figures, what needs somebody, what runs.
import { html, useMemo } from "../base/html.js";
import { t } from "../base/language.js";
import { bytes, count, moment, zoneName } from "../base/format.js";
import { State } from "../base/icons.js";
import { useStore } from "../base/store.js";
import { writeAddress } from "../base/address.js";
import { history, network, transfers } from "../api/watch.js";
import { maySend } from "../api/session.js";
import { figures, joined, sorted } from "../model/transfers.js";
import { useNetwork } from "./use_network.js";
import { FirstSteps } from "./help_view.js";
import { RunningStrip } from "./running_strip.js";
import { whyText } from "./node_words.js";

function Figure({ name, value, text, tone = "", to }) {
  return html`<a class="figure ${tone}" href=${to} data-figure=${name}><span class="muted small">${text}</span><b>${value}</b></a>`;
}

const midnight = () => new Date(new Date().setHours(0, 0, 0, 0));

export function OverviewView() {
  const described = useNetwork();
  const running = joined(useStore(transfers, value => value.rows));
  const over = joined(useStore(history, value => value.rows));
  const more = useStore(history, value => value.more);
  const isNew = useStore(network, value => value.isNew);
  const today = useMemo(() => figures(running, over, midnight()), [running, over]);
  const wrong = described.nodes
    .filter(node => node.state === "wrong" || node.state === "waiting")
    .sort((a, b) => (a.state === b.state ? a.name.localeCompare(b.name) : a.state === "wrong" ? -1 : 1));
  const lines = described.lines.filter(line => line.state === "wrong" && !line.home);
  const failed = sorted(over.filter(row => row.state === "failed" || row.state === "unconfirmed")).slice(0, 6);
  const up = described.nodes.filter(node => node.state === "up").length;
  const certain = number => count(number) + (more && number ? "+" : "");
  return html`<div class="page">
    <header><h1>${described.name ? t("overview_of", { name: described.name }) : t("place_overview")}</h1>
      ${maySend() ? html`<a class="button main" href="#/send">${t("new_send")}</a>` : null}</header>
    ${isNew ? html`<${FirstSteps} />` : null}
    <section class="figures" aria-label=${t("figures_today", { zone: zoneName() })}>
      <${Figure} name="nodes" text=${t("nodes_up")} value=${`${count(up)} / ${count(described.nodes.length)}`}
        tone=${wrong.some(node => node.state === "wrong") ? "wrong" : ""} to="#/map" />
      <${Figure} name="running" text=${t("running_now")} value=${count(today.running)} tone=${today.running ? "running" : ""}
        to="#/transfers?state=running" />
      <${Figure} name="queued" text=${t("queued_now")} value=${count(today.queued)} tone=${today.queued ? "waiting" : ""}
        to="#/transfers?state=queued" />
      <${Figure} name="done" text=${t("done_today")} value=${certain(today.done)} to="#/transfers?state=done" />
      <${Figure} name="failed" text=${t("failed_today")} value=${certain(today.failed)} tone=${today.failed ? "wrong" : ""}
        to="#/transfers?state=failed" />
      <${Figure} name="bytes" text=${t("bytes_today")} value=${bytes(today.bytes) + (more ? "+" : "")}
        to="#/transfers?state=done" />
    </section>
    <div class="columns">
      <section class="card" aria-labelledby="care"><h2 id="care">${t("needs_care")}</h2>
        ${
          wrong.length + lines.length === 0
            ? html`<p class="row"><${State} tone="good">${t("all_well")}</${State}></p>`
            : html`<ul class="ways-in">
          ${wrong.slice(0, 12).map(
            node => html`<li key=${node.name} data-care=${node.name}><div class="row"><a class="grow"
              href=${writeAddress(["map"], { node: node.name })}><strong>${node.name}</strong></a>
            <${State} tone=${node.state}>${t(`sign_${node.sign}`)}</${State}></div>
              ${node.why.map(why => html`<span class="small breaks muted">${whyText(why)}</span>`)}</li>`,
          )}
          ${lines.slice(0, 12).map(line => html`<li key=${line.id}><div class="row"><a class="grow"
            href=${writeAddress(["map"], { line: line.id })}><strong>${line.ends.join(" – ")}</strong></a><${State} tone="wrong">
            ${t("line_wrong")}</${State}></div></li>`)}</ul>
          ${wrong.length > 12 ? html`<a href="#/map?view=table">${t("and_more", { more: wrong.length - 12 })}</a>` : null}`
        }
      </section>
      <section class="card" aria-labelledby="failures"><h2 id="failures">${t("last_failures")}</h2>
        ${
          failed.length
            ? html`<ul class="ways-in">${failed.map(
                row => html`<li key=${row.transfer}><div class="row"><a class="grow"
                  href=${writeAddress(["transfers", row.transfer])}><strong>${row.file}
                  </strong> ${row.from} → ${Object.keys(row.to).join(", ")}</a>
          <span class="muted small nowrap">${moment(row.ended)}</span></div><span class="small breaks muted">${row.reason}</span>
            </li>`,
              )}</ul>`
            : html`<p class="muted">${t("no_failures")}</p>`
        }
      </section>
    </div>
    <section class="card" aria-labelledby="runs"><h2 id="runs">${t("running_now")}</h2><${RunningStrip} /></section>
  </div>`;
}
