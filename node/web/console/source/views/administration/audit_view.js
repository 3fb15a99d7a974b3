/// Who gave which command at a server, and what came of it.
import { html } from "../../base/html.js";
import { named, t } from "../../base/language.js";
import { moment } from "../../base/format.js";
import { State } from "../../base/icons.js";
import { refine, useAddress, writeAddress } from "../../base/address.js";
import { ask } from "../../api/client.js";
import { session } from "../../api/session.js";
import { ProblemNote } from "../../parts/problem_note.js";
import { Table } from "../../parts/table.js";
import { useListing } from "./use_listing.js";

const GOOD = new Set(["ok", "done", "queued", "running", "spooled"]);

export function AuditView() {
  const { query } = useAddress();
  const { answer, problem } = useListing(() => ask("GET", "/audit", { query: { limit: 500 } }));
  const find = (query.find ?? "").toLowerCase();
  const rows = (answer?.audit ?? [])
    .map((row, at) => ({ ...row, at }))
    .filter(row =>
      `${row.user ?? ""} ${row.command} ${row.detail ?? ""} ${row.file ?? ""} ${row.result}`.toLowerCase().includes(find),
    );
  return html`<section class="card stack"><div class="row"><h2 class="grow">${t("audit_at", { server: session.get().account.node })}
    </h2>
    <input type="search" aria-label=${t("find_anything")}
    placeholder=${t("find_audit")} value=${query.find ?? ""} onInput=${event => refine({ find: event.target.value })} /></div>
    <${ProblemNote} problem=${problem} />${
      answer
        ? html`<${Table} caption=${t("tab_audit")} rows=${rows} keyOf=${row => row.at} columns=${[
            { key: "time", text: t("time"), cell: row => html`<span class="nowrap">${moment(row.time, true)}</span>` },
            { key: "user", text: t("user"), cell: row => `${row.user ?? t("operator")}${row.from ? ` (${row.from})` : ""}` },
            { key: "command", text: t("command"), cell: row => html`<code>${row.command}</code>` },
            {
              key: "what",
              text: t("what"),
              cell: row =>
                html`${row.detail ?? row.file ?? ""} ${
                  row.transfer
                    ? html`<a class="small"
                  href=${writeAddress(["transfers", row.transfer])}>${t("transfer")}</a>`
                    : null
                }`,
            },
            {
              key: "result",
              text: t("result"),
              cell: row =>
                html`<${State} tone=${GOOD.has(row.result) ? "good" : row.result === "begun" ? "unknown" : "wrong"}>
                  ${named("code", row.result)}</${State}>`,
            },
          ]} />`
        : html`<p class="muted">${t("loading")}</p>`
    }</section>`;
}
