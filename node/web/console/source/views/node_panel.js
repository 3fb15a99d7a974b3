/// What one node says of itself: state, definition, certificate, lines, its transfers and last failures; and what may be done there.
import { html } from "../base/html.js";
import { named, t } from "../base/language.js";
import { bytes, duration, moment, rate, roundTrip, timeLeft } from "../base/format.js";
import { State } from "../base/icons.js";
import { useStore } from "../base/store.js";
import { writeAddress } from "../base/address.js";
import { history, refresh, transfers } from "../api/watch.js";
import { ask } from "../api/client.js";
import { isManager, may } from "../api/session.js";
import { joined, sorted, tone } from "../model/transfers.js";
import { ActionButton } from "../parts/action.js";
import { whyText } from "./node_words.js";

const LAST = 5;

function Definition({ status }) {
  const { version, wanted, drift, applied } = status.definition ?? {};
  const text = version ? t("definition_version", { version, time: moment(applied, true) }) : t("definition_file");
  return html`<dt>${t("definition")}</dt><dd>${text} ${drift ? html`<${State} tone="waiting">${t("definition_drift", { wanted })}
    </${State}>` : null}</dd>`;
}

function Certificate({ status: { certificate } }) {
  if (!certificate) return null;
  const tones = { valid: "good", "expires-soon": "waiting", ended: "wrong" };
  return html`<dt>${t("certificate")}</dt><dd><${State} tone=${tones[certificate.state] ?? "unknown"}>
    ${named("certificate", certificate.state)}
    </${State}> ${certificate.until && certificate.state !== "ended" ? timeLeft(certificate.until) : ""}
    ${certificate.reason ? html`<div class="small breaks">${certificate.reason}</div>` : null}</dd>`;
}

function Lines({ network, node }) {
  const lines = network.lines.filter(line => line.ends.includes(node.name)).filter(line => node.role !== "server" || !line.home);
  if (!lines.length) return null;
  return html`<section><h3>${t("lines")}</h3><ul>${lines.map(
    line => html`<li key=${line.id} class="row">
    <a class="grow" href=${writeAddress(["map"], { line: line.id })}>${line.ends.find(end => end !== node.name)}</a>
    <span class="small muted">
      ${[line.roundTrip !== undefined ? roundTrip(line.roundTrip) : "", line.rate > 0 ? rate(line.rate) : "", line.circuits ? t("circuits", { count: line.circuits }) : ""].filter(Boolean).join(" · ")}
      </span>
    <${State} tone=${{ up: "good", wrong: "wrong" }[line.state] ?? "unknown"}>${t(`line_${line.state}`)}</${State}></li>`,
  )}</ul></section>`;
}

function TransferRows({ title, rows }) {
  if (!rows.length) return null;
  return html`<section><h3>${title}</h3><ul>${rows.map(
    row => html`<li key=${row.transfer}><div class="row"><a class="grow" href=${writeAddress(["transfers", row.transfer])}>
      ${row.file} <span class="muted">${row.from} → ${Object.keys(row.to).join(", ")}</span></a>
    <${State} tone=${tone(row.state)}>${named("state", row.state)}</${State}></div>${row.reason
      ? html`<div class="small muted breaks">${row.reason}</div>` : null}</li>`,
  )}</ul></section>`;
}

function Steering({ node }) {
  if (!isManager() || !may("manage") || node.role !== "client" || !node.status) return null;
  const steer = verb => async () => {
    await ask("POST", `/${verb}`, { body: { at: node.name } });
    refresh("status", "transfers");
  };
  return html`<section class="row">${
    node.status.held
      ? html`<${ActionButton} name="release" step=${steer("release")}>${t("release")}</${ActionButton}>`
      : html`<${ActionButton} name="hold" step=${steer("hold")}
        ask=${{ title: t("hold"), text: t("hold_asks", { node: node.name }), danger: false }}>${t("hold")}</${ActionButton}>`
  }</section>`;
}

export function NodePanel({ network, node, close }) {
  const running = joined(useStore(transfers, value => value.rows));
  const over = joined(useStore(history, value => value.rows));
  const status = node.status;
  const mine = row => row.from === node.name || node.name in (row.to ?? {});
  return html`<aside class="panel" aria-label=${t("about", { name: node.name })} data-panel=${node.name}>
    <header><h2>${node.name}</h2><button type="button" class="button quiet" aria-label=${t("close")} onClick=${close}>✕</button>
      </header>
    <div class="row"><${State} tone=${{ up: "good" }[node.state] ?? node.state}>${t(`sign_${node.sign}`)}</${State}>
      <span class="muted">${t(`role_${node.role}`)}</span></div>
    ${node.why.length ? html`<div class="note ${node.state === "wrong" ? "wrong" : "waiting"}">${node.why.map(why => html`<p>
      ${whyText(why)}</p>`)}</div>` : null}
    <dl class="facts">
      ${node.home ? html`<dt>${t("home")}</dt><dd><a href=${writeAddress(["map"], { node: node.home })}>${node.home}</a></dd>`
        : null}
      <dt>${t("address")}</dt><dd><code>${status?.address ?? node.address}</code></dd>
      ${status?.listen?.length && String(status.listen) !== status.address ? html`<dt>${t("listens")}</dt><dd><code>
        ${status.listen.join(", ")}</code></dd>` : null}
      ${node.networks.length ? html`<dt>${t("segment")}</dt><dd><code>${node.networks.join(", ")}</code></dd>` : null}
      ${
        status
          ? html`<${Definition} status=${status} /><${Certificate} status=${status} />
        <dt>${t("at_work")}</dt><dd>${t("running_and_queued", status.transfers ?? { running: 0, queued: 0 })}</dd>`
          : null
      }
      ${status?.started ? html`<dt>${t("up_for")}</dt><dd>${duration(Date.now() - new Date(status.started))}</dd>` : null}
      ${status?.spool ? html`<dt>${t("spool")}</dt><dd>${bytes(status.spool.used)} / ${bytes(status.spool.limit)}</dd>` : null}
    </dl>
    <${Steering} node=${node} />
    <${Lines} network=${network} node=${node} />
    <${TransferRows} title=${t("running_now")}
      rows=${running.filter(row => ["running", "queued"].includes(row.state) && mine(row)).slice(0, LAST)} />
    <${TransferRows} title=${t("last_failures")}
      rows=${sorted(over.filter(row => ["failed", "unconfirmed", "partial"].includes(row.state) && mine(row))).slice(0, LAST)} />
    <p><a href=${writeAddress(["transfers"], { node: node.name })}>${t("all_transfers_of", { name: node.name })}</a></p>
  </aside>`;
}

export function LinePanel({ line, close }) {
  return html`<aside class="panel" aria-label=${t("about", { name: line.ends.join(" – ") })} data-panel=${line.id}>
    <header><h2>${line.ends.join(" – ")}</h2><button type="button" class="button quiet" aria-label=${t("close")}
      onClick=${close}>✕</button></header>
    <div class="row"><${State} tone=${{ up: "good", wrong: "wrong" }[line.state] ?? "unknown"}>${t(`line_${line.state}`)}</${State}>
      <span class="muted">${line.home ? t("home_line") : t("line")}</span></div>
    <dl class="facts">
      ${line.cost !== undefined ? html`<dt>${t("cost_head")}</dt><dd>${line.cost}</dd>` : null}
      <dt>${t("round_trip")}</dt><dd>${line.roundTrip === undefined ? t("not_measured") : roundTrip(line.roundTrip)}</dd>
      <dt>${t("rate")}</dt><dd>${line.rate === undefined ? t("not_measured") : rate(line.rate)}</dd>
      <dt>${t("circuits_head")}</dt><dd>${line.circuits ?? 0}</dd>
      ${line.bytes ? html`<dt>${t("carried")}</dt><dd>${bytes(line.bytes)}</dd>` : null}
    </dl>
    <p class="row">${line.ends.map(end => html`<a class="button" key=${end} href=${writeAddress(["map"], { node: end })}>${end}
      </a>`)}</p>
    ${line.state === "wrong" ? html`<div class="note wrong">${t("line_help", { one: line.ends[0], other: line.ends[1] })}</div>`
      : null}
    ${line.state === "idle" ? html`<p class="muted small">${t("line_idle_help")}</p>` : null}
  </aside>`;
}
