/// When each node's certificate ends, the next one first, and the list of revoked ones that it has.
import { html } from "../../base/html.js";
import { named, t } from "../../base/language.js";
import { moment, timeLeft } from "../../base/format.js";
import { State } from "../../base/icons.js";
import { writeAddress } from "../../base/address.js";
import { Table } from "../../parts/table.js";
import { useNetwork } from "../use_network.js";

const tones = { valid: "good", "expires-soon": "waiting", ended: "wrong" };

export function CertificatesView() {
  const rows = useNetwork()
    .nodes.map(node => ({ ...node, certificate: node.status?.certificate ?? {} }))
    .sort((a, b) => ((a.certificate.until ?? "~") < (b.certificate.until ?? "~") ? -1 : 1));
  return html`<section class="card stack"><h2>${t("tab_certificates")}</h2><${Table} caption=${t("tab_certificates")} rows=${rows}
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
      { key: "list", text: t("revocation_list"), number: true, cell: node => node.status?.definition?.list ?? "–" },
      {
        key: "reason",
        text: t("reason"),
        cell: node => html`<span class="breaks small">${node.certificate.reason ?? (node.status ? "" : (node.why ?? []).join(", "))}</span>`,
      },
    ]} />
    <p class="muted small">${t("certificates_say")}</p></section>`;
}
