/// The transfer map: one transfer's definition, set by clicking on the map; its way is drawn at once as the node computes it.
import { html, useEffect, useMemo, useState } from "../base/html.js";
import { t } from "../base/language.js";
import { useStore } from "../base/store.js";
import { go } from "../base/address.js";
import { draft, edit, isChecked, openDraft, textOf } from "../api/draft_store.js";
import { network } from "../api/watch.js";
import { maySend } from "../api/session.js";
import { problemsAt } from "../model/draft.js";
import { TRANSFER_FIELDS, write } from "../model/fields.js";
import { edgesOfPlan } from "../model/journey.js";
import { FieldForm, elsewhere } from "../parts/form.js";
import { PlanFailures, PlanSteps, PointReason, pointOf } from "../parts/plan_steps.js";
import { ProblemNote } from "../parts/problem_note.js";
import { ActionButton } from "../parts/action.js";
import { DraftBar } from "./draft_bar.js";
import { NameField, namesOf } from "./entry_form.js";
import { MapStage } from "./map_stage.js";
import { sendAgain } from "./transfer_actions.js";
import { useDraftNetwork } from "./use_draft_network.js";
import { usePlan } from "./use_plan.js";

const PICKS = ["source", "receivers", "via", "point"];

/// What a click on a node does to the transfer. Clients are ends, servers are ways.
function picked(transfer, pick, node) {
  if (pick === "source" && node.role === "client") {
    transfer.from = node.name;
    transfer.to = (transfer.to ?? []).filter(name => name !== node.name);
    return "receivers";
  }
  if (pick === "receivers" && node.role === "client" && node.name !== transfer.from)
    transfer.to = turned(transfer.to ?? [], node.name);
  if (pick === "via" && node.role === "server") {
    transfer.placement = "manual";
    transfer.via = turned(transfer.via ?? [], node.name);
    if (!transfer.via.length) delete transfer.via;
  }
  if (pick === "point" && node.role === "server") {
    transfer.placement = "manual";
    if (transfer.broadcast_at === node.name) delete transfer.broadcast_at;
    else transfer.broadcast_at = node.name;
  }
  return pick;
}

const turned = (list, name) => (list.includes(name) ? list.filter(one => one !== name) : [...list, name]);

function marksOf(transfer, plan, members) {
  const marks = {};
  if (transfer.from) marks[transfer.from] = "source";
  for (const name of (transfer.to ?? []).flatMap(one => members[one] ?? [one])) marks[name] = "receiver";
  for (const name of transfer.via ?? []) marks[name] = "via";
  const point = pointOf(transfer, plan, transfer.to ?? []);
  if (point) marks[point.server] = "point";
  return marks;
}

function Ends({ file, transfer }) {
  const { now } = useStore(draft);
  const put = (name, value) => edit(next => write(next.transfers[file], [name], value));
  const clients = namesOf(now, ["client"]);
  const servers = namesOf(now, ["server"]);
  const some = [...Object.keys(now.groups ?? {}), ...clients.filter(name => name !== transfer.from)];
  return html`<section class="stack">
    <label class="field">${t("source")}<select name="from" value=${transfer.from ?? ""}
      onChange=${event => put("from", event.target.value)}><option value="">${t("choose_source")}</option>
      ${clients.map(name => html`<option key=${name}>${name}</option>`)}</select></label>
    <label class="field">${t("receivers")}<select name="to" value=""
      onChange=${event => put("to", [...(transfer.to ?? []), event.target.value])}><option value="">${t("add_receiver")}</option>
      ${some.filter(name => !(transfer.to ?? []).includes(name)).map(name => html`<option key=${name}>${name}</option>`)}</select>
      </label>
    <ul class="chips" aria-label=${t("receivers")}>${(transfer.to ?? []).map(
      name =>
        html`<li key=${name}><button type="button" class="button" data-receiver=${name} title=${t("take_away")} onClick=${() =>
          put(
            "to",
            transfer.to.filter(one => one !== name),
          )}>${name} ✕</button></li>`,
    )}</ul>
    <div class="row" role="group" aria-label=${t("placement")}>${["auto", "manual"].map(
      kind => html`<button type="button" key=${kind} class="button" data-placement=${kind}
        aria-pressed=${(transfer.placement ?? "auto") === kind}
      onClick=${() =>
        edit(next => {
          const one = next.transfers[file];
          one.placement = kind;
          if (kind === "auto") {
            delete one.via;
            delete one.broadcast_at;
          }
        })}>${t(`placement_${kind}`)}</button>`,
    )}</div>
    ${
      transfer.placement === "manual"
        ? html`<label class="field">${t("pass_servers")}<select name="via" value=""
          onChange=${event => put("via", [...(transfer.via ?? []), event.target.value])}><option value="">${t("add_server")}
          </option>${servers.filter(name => !(transfer.via ?? []).includes(name)).map(name => html`<option key=${name}>${name}
          </option>`)}</select></label>
      <ul class="chips" aria-label=${t("pass_servers")}>${(transfer.via ?? []).map((name, at) => html`<li key=${name}>
        <button type="button" class="button" data-via=${name} title=${t("take_away")}
        onClick=${() => put("via", transfer.via.length > 1 ? transfer.via.filter(one => one !== name) : undefined)}>
        ${at + 1}. ${name} ✕</button></li>`)}</ul>
      <label class="field">${t("broadcast_point")}<select name="broadcast_at" value=${transfer.broadcast_at ?? ""}
        onChange=${event => put("broadcast_at", event.target.value)}><option value="">${t("not_said")}</option>
        ${servers.map(name => html`<option key=${name}>${name}</option>`)}</select></label>`
        : null
    }
  </section>`;
}

function SendNow({ file }) {
  const { now } = useStore(draft);
  const applied = useStore(network, value => value.topology);
  const same = JSON.stringify(applied?.transfers?.[file]) === JSON.stringify(now.transfers[file]);
  if (!maySend()) return null;
  return html`<div class="row"><${ActionButton} name="send" kind="main" disabled=${!same} step=${() => sendAgain(file)}>
    ${t("send_now")}</${ActionButton}>${same ? null : html`<span class="small muted">${t("send_after_apply")}</span>`}</div>`;
}

export function TransferMapView({ file }) {
  const { now, problems } = useStore(draft);
  const loaded = useStore(network, value => value.at > 0);
  const drawn = useDraftNetwork();
  const [pick, setPick] = useState("source");
  useEffect(() => {
    if (loaded) openDraft();
  }, [loaded]);
  const transfer = now?.transfers?.[file];
  const own = now ? problemsAt(problems, now, "transfers", file) : [];
  const planable = transfer?.from && transfer.to?.length && isChecked() && !problems.length;
  const { plan, problem } = usePlan(planable ? file : "", now ? textOf(now) : "");
  const ways = useMemo(() => ({ plan: plan ? edgesOfPlan(plan) : [] }), [plan]);
  const marks = useMemo(() => marksOf(transfer ?? {}, plan, now?.groups ?? {}), [transfer, plan, now?.groups]);
  if (!now) return html`<p class="empty">${t("loading")}</p>`;
  if (!transfer)
    return html`<div class="page"><h1>${file}</h1><p>${t("not_there")}</p><a class="button" href="#/edit">${t("place_edit")}</a>
      </div>`;
  function choose(kind, name) {
    const node = drawn.byName.get(name);
    if (kind !== "node" || !node) return;
    let next = pick;
    edit(topology => {
      next = picked(topology.transfers[file], pick, node);
    });
    setPick(next);
  }
  return html`<div class="map edit">
    <${DraftBar} title=${t("transfer_map", { file })}><div class="row" role="toolbar" aria-label=${t("pick")}>
      ${PICKS.map(name => html`<button type="button" key=${name} class="button" data-pick=${name} aria-pressed=${pick === name}
      onClick=${() => setPick(name)}>${t(`pick_${name}`)}</button>`)}</div></${DraftBar}>
    <${MapStage} network=${drawn} choose=${choose} ways=${ways} marks=${marks} label=${t("transfer_map", { file })}><p class="hint"
      role="status">${t(`hint_pick_${pick}`)}</p></${MapStage}>
    <aside class="panel wide" aria-label=${t("about", { name: file })} data-form=${file}>
      <header><h2>${file}</h2><button type="button" class="button danger" data-action="remove" onClick=${() => (
        edit(next => {
          delete next.transfers[file];
        }),
        go(["edit"])
      )}>${t("remove")}</button></header>
      ${elsewhere(TRANSFER_FIELDS, own).map(one => html`<p class="mistake" key=${one.message}>${one.message}</p>`)}
      <${ProblemNote} problem=${problem} /><${PlanFailures} failures=${plan?.failures} /><${PointReason}
        point=${plan && pointOf(transfer, plan, transfer.to)} />
      <${NameField} part="transfers" name=${file} moved=${next => go(["transfer-map", next])} />
      <${Ends} file=${file} transfer=${transfer} />
      <${FieldForm} fields=${TRANSFER_FIELDS} entry=${transfer} problems=${own} names=${roles => namesOf(now, roles)}
        put=${(path, value) => edit(next => write(next.transfers[file], path, value))} />
      <${SendNow} file=${file} />
    </aside>
    <div class="below steady" data-plan=${plan ? "drawn" : ""}><h3>${t("told_table")}</h3>${plan ? html`<${PlanSteps} plan=${plan} />`
      : html`<p class="muted">${problems.length ? t("plan_after_problems") : t("plan_waits")}</p>`}</div>
  </div>`;
}
