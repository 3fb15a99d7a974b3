/// Sends what is defined: pick a file, see its way, send; then the transfer's own page.
import { html } from "../base/html.js";
import { t } from "../base/language.js";
import { useStore } from "../base/store.js";
import { refine, useAddress, writeAddress } from "../base/address.js";
import { network, transfers } from "../api/watch.js";
import { isManager, may, session } from "../api/session.js";
import { ask } from "../api/client.js";
import { go } from "../base/address.js";
import { edgesOfPlan } from "../model/journey.js";
import { HopPicture } from "../parts/hop_picture.js";
import { PlanFailures, PointReason, pointOf } from "../parts/plan_steps.js";
import { ProblemNote } from "../parts/problem_note.js";
import { ActionButton } from "../parts/action.js";
import { useNetwork } from "./use_network.js";
import { sendAgain } from "./transfer_actions.js";
import { usePlan } from "./use_plan.js";

function filesOf(topology, account, find) {
  const allowed = account?.transfers?.length ? new Set(account.transfers) : null;
  return Object.entries(topology?.transfers ?? {}).filter(
    ([file, one]) =>
      (!allowed || allowed.has(file)) &&
      `${file} ${one.from} ${[one.to].flat().join(" ")}`.toLowerCase().includes(find.toLowerCase()),
  );
}

async function request(file, at) {
  const { record } = await ask("POST", "/request", { body: { file, at } });
  if (record?.transfer) go(["transfers", record.transfer]);
}

function Chosen({ file, definition, topology }) {
  const { plan, problem, fresh } = usePlan(file);
  const drawn = useNetwork();
  const roles = Object.fromEntries(drawn.nodes.map(node => [node.name, node.role]));
  const receivers = (definition.to ?? []).flatMap(name => topology.groups?.[name] ?? [name]);
  const lacking = [definition.from, ...receivers].map(name => drawn.byName.get(name)).filter(node => node?.state === "wrong");
  return html`<section class="card stack" aria-label=${file} data-chosen=${file}>
    <div class="row"><h2 class="grow breaks">${file}: ${definition.from} → ${(definition.to ?? []).join(", ")}</h2><a class="button"
      href=${writeAddress(["transfer-map", file])} hidden=${!may("manage")}>${t("change_definition")}</a></div>
    <dl class="facts"><dt>${t("sends")}</dt><dd><code>${definition.send?.path ?? `out/${file}`}
      </code> ${t("at_node", { node: definition.from })}</dd><dt>${t("receives")}</dt><dd><code>
      ${definition.receive?.path ?? `in/${file}`}</code></dd></dl>
    <${ProblemNote} problem=${problem} />${plan ? html`<${HopPicture} edges=${edgesOfPlan(plan)} roles=${roles} /><${PlanFailures}
      failures=${plan.failures} /><${PointReason} point=${pointOf(definition, plan, receivers)} />` : fresh ? null
        : html`<p class="muted">
      ${t("loading")}</p>`}
    ${lacking.length ? html`<div class="note waiting">${t("ends_lack", { nodes: lacking.map(node => node.name).join(", ") })}</div>`
      : null}
    ${may("transfer") ? html`<div class="row top"><${ActionButton} name="send" kind="main" step=${() => sendAgain(file)}>
      ${t("send_now")}</${ActionButton}>
      ${isManager() ? receivers.map(name => html`<${ActionButton} key=${name} name=${`request-${name}`}
        step=${() => request(file, name)}>${t("request_at", { name })}</${ActionButton}>`) : null}</div>` : html`<p class="muted">
          ${t("not_your_right")}</p>`}
  </section>`;
}

export function SendView() {
  const { query } = useAddress();
  const topology = useStore(network, value => value.topology);
  const at = useStore(network, value => value.at);
  const account = useStore(session, value => value.account);
  useStore(transfers, value => value.at > 0);
  const files = filesOf(topology, account, query.find ?? "");
  const definition = topology?.transfers?.[query.file];
  return html`<div class="page">
    <header><h1>${t("new_send")}</h1>${may("manage") ? html`<a class="button" href="#/edit">${t("define_another")}</a>` : null}
      </header>
    ${
      at && !topology
        ? html`<div class="card empty"><p>${t("nothing_applied")}</p>${may("manage") ? html`<a class="button main" href="#/edit">
          ${t("draw_network")}</a>` : null}</div>`
        : html`<div class="columns send">
      <section class="card stack" aria-labelledby="which"><h2 id="which">${t("which_file")}</h2>
        <input type="search" aria-label=${t("find_file")} placeholder=${t("find_file")} value=${query.find ?? ""}
          onInput=${event => refine({ find: event.target.value })} />
        ${files.length ? html`<ul class="picks">${files.slice(0, 200).map(([file, one]) => html`<li key=${file}>
          <button type="button" class="pick" data-file=${file} aria-pressed=${query.file === file}
          onClick=${() => refine({ file })}><strong>${file}</strong><span>${one.from} → ${[one.to].flat().join(", ")}</span>
          </button></li>`)}</ul>` : html`<p class="muted">${t("no_files")}</p>`}</section>
      ${definition ? html`<${Chosen} key=${query.file} file=${query.file} definition=${definition} topology=${topology} />`
        : html`<p class="empty">${t("choose_file")}</p>`}</div>`
    }
  </div>`;
}
