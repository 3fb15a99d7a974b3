/// When each node's certificate ends, the next one first, and the list of revoked ones that it has. Who may, invites, renews and revokes.
import { html, useState } from "../../base/html.js";
import { named, t } from "../../base/language.js";
import { moment, timeLeft } from "../../base/format.js";
import { State } from "../../base/icons.js";
import { writeAddress } from "../../base/address.js";
import { useStore } from "../../base/store.js";
import { ask } from "../../api/client.js";
import { isManager, may, session } from "../../api/session.js";
import { network, refresh } from "../../api/watch.js";
import { ActionButton } from "../../parts/action.js";
import { Table } from "../../parts/table.js";
import { useNetwork } from "../use_network.js";
import { InviteDialog } from "./invite_dialog.js";

const tones = { valid: "good", "expires-soon": "waiting", ended: "wrong" };

/// Who has the newest list, and who lacks it.
function Told({ answer }) {
  const lacking = answer.nodes.filter(row => row.state === "failed");
  const told = answer.nodes.filter(row => row.state === "told").length;
  return html`<div class=${`note ${lacking.length ? "waiting" : "good"}`} role="status" data-told=${told}>
    <p>${t("list_told", { list: answer.list, count: told })}</p>
    ${lacking.length ? html`<ul>${lacking.map(row => html`<li key=${row.node}>${row.node}: ${row.reason}</li>`)}</ul>` : null}</div>`;
}

/// Of a node that answers: it asks for its next one itself.
function Renew({ node, here }) {
  if (!node.status) return null;
  return html`<${ActionButton} name=${`renew-${node.name}`} step=${async () => {
    await ask("POST", "/renew", { body: node.name === here ? {} : { at: node.name } });
    refresh("status");
  }}>${t("renew")}</${ActionButton}>`;
}

function Revoke({ node, here, told }) {
  if (node.name === here) return null;
  return html`<${ActionButton} name=${`revoke-${node.name}`} kind="danger" ask=${{
    title: t("revoke_title", { node: node.name }),
    text: t("revoke_asks", { node: node.name }),
  }} step=${async () => {
    told(await ask("POST", "/revoke", { body: { node: node.name } }));
    refresh("status");
  }}>${t("revoke")}</${ActionButton}>`;
}

const decisions = (here, told) => ({
  key: "actions",
  text: t("actions"),
  cell: node => html`<div class="row"><${Renew} node=${node} here=${here} /><${Revoke} node=${node} here=${here} told=${told} /></div>`,
});

export function CertificatesView() {
  const topology = useStore(network, value => value.topology);
  const here = useStore(session, value => value.account?.node);
  const [told, setTold] = useState(null);
  const [inviting, invite] = useState(false);
  const decides = isManager() && may("manage");
  const rows = useNetwork()
    .nodes.map(node => ({ ...node, certificate: node.status?.certificate ?? {} }))
    .sort((a, b) => ((a.certificate.until ?? "~") < (b.certificate.until ?? "~") ? -1 : 1));
  return html`<section class="card stack"><div class="row"><h2 class="grow">${t("tab_certificates")}</h2>${
    decides
      ? html`<button type="button" class="button main" data-action="invite" onClick=${() => invite(true)}>${t("invite")}</button>`
      : null
  }</div>
    ${told ? html`<${Told} answer=${told} />` : null}<${Table} caption=${t("tab_certificates")} rows=${rows}
    keyOf=${node => node.name} columns=${[
      {
        key: "node",
        text: t("node"),
        cell: node => html`<a href=${writeAddress(["map"], { node: node.name })}>${node.name}</a>`,
      },
      {
        key: "state",
        text: t("state"),
        cell: node =>
          html`<${State} tone=${tones[node.certificate.state] ?? "unknown"}>
          ${node.certificate.state ? named("certificate", node.certificate.state) : t("tone_unknown")}</${State}>`,
      },
      { key: "until", text: t("until"), cell: node => (node.certificate.until ? moment(node.certificate.until, true) : "–") },
      {
        key: "left",
        text: t("left"),
        number: true,
        cell: node => (node.certificate.state === "ended" || !node.certificate.until ? "–" : timeLeft(node.certificate.until)),
      },
      { key: "renews", text: t("renews"), cell: node => (node.certificate.renews ? moment(node.certificate.renews, true) : "–") },
      { key: "list", text: t("revocation_list"), number: true, cell: node => node.status?.definition?.list ?? "–" },
      {
        key: "reason",
        text: t("reason"),
        cell: node => html`<span class="breaks small">${node.certificate.reason ?? node.certificate.not_renewed ?? (node.status ? "" : (node.why ?? []).join(", "))}</span>`,
      },
      ...(decides ? [decisions(here, setTold)] : []),
    ]} />
    <p class="muted small">${t("certificates_say")}</p>
    ${inviting ? html`<${InviteDialog} topology=${topology} close=${() => invite(false)} />` : null}</section>`;
}
