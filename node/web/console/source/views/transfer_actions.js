/// What may be done with a transfer, by its state and the user's rights: cancel, retry, ask a receiver to have it (again), another rate.
import { html, useState } from "../base/html.js";
import { t } from "../base/language.js";
import { go } from "../base/address.js";
import { ask } from "../api/client.js";
import { isManager, may } from "../api/session.js";
import { refresh } from "../api/watch.js";
import { readAmount } from "../model/amounts.js";
import { OVER, receivers } from "../model/transfers.js";
import { ActionButton, useAction } from "../parts/action.js";
import { Dialog } from "../parts/dialog.js";
import { ProblemNote } from "../parts/problem_note.js";

async function steer(verb, body) {
  const answer = await ask("POST", `/${verb}`, { body });
  refresh("transfers", "history");
  return answer;
}

export function TransferActions({ row }) {
  const [rated, setRated] = useState(false);
  const over = OVER.has(row.state);
  const said = { file: row.file, from: row.from, to: Object.keys(row.to).join(", ") };
  if (!isManager() || (!may("transfer") && !may("manage"))) return null;
  return html`<div class="row top" role="group" aria-label=${t("actions")}>
    ${may("transfer") && !over ? html`<${ActionButton} name="cancel" kind="danger"
      step=${() => steer("cancel", { transfer: row.transfer })} ask=${{ title: t("cancel_title"), text: t("cancel_asks", said) }}>
      ${t("cancel")}</${ActionButton}>` : null}
    ${may("transfer") && ["failed", "unconfirmed", "partial", "queued"].includes(row.state) ? html`<${ActionButton} name="retry"
      kind="main" step=${() => steer("retry", { transfer: row.transfer })}>${t("retry")}</${ActionButton}>` : null}
    ${may("transfer") && over ? html`<${ActionButton} name="send-again" step=${() => sendAgain(row.file)}>${t("send_again")}
      </${ActionButton}>` : null}
    ${may("transfer") && over ? receivers(row).map(([name]) => html`<${ActionButton} key=${name}
      name=${`resend-${name}`} step=${() => requested(row.file, name)}>${t("resend_at", { name })}</${ActionButton}>`) : null}
    ${may("manage") && !over ? html`<button type="button" class="button" data-action="rate" onClick=${() => setRated(true)}>
      ${t("change_rate")}</button>` : null}
    ${rated ? html`<${RateDialog} row=${row} close=${() => setRated(false)} />` : null}
  </div>`;
}

export async function sendAgain(file) {
  const { record } = await ask("POST", "/send", { body: { file }, headers: { "idempotency-key": crypto.randomUUID() } });
  refresh("transfers");
  go(["transfers", record.transfer]);
}

/// At a receiver: it asks the source to send once more what was sent before.
async function requested(file, receiver) {
  const { record } = await steer("request", { file, resend: true, at: receiver });
  if (record?.transfer) go(["transfers", record.transfer]);
}

function RateDialog({ row, close }) {
  const [text, put] = useState(row.rate ? String(row.rate) : "");
  const amount = text.trim() === "" ? 0 : readAmount(text);
  const action = useAction(async () => {
    await steer("rate", { transfer: row.transfer, rate: amount, at: row.from });
    close();
  });
  return html`<${Dialog} title=${t("change_rate")} close=${close}><form class="body" onSubmit=${event => {
    event.preventDefault();
    action.run();
  }}><h2>${t("change_rate")}</h2>
    <label class="field">${t("rate_field")}<input autofocus name="rate" value=${text} placeholder="20MB/s"
      aria-invalid=${amount === undefined} onInput=${event => put(event.target.value)} /></label>
    ${amount === undefined ? html`<p class="mistake">${t("amount_help")}</p>` : null}<${ProblemNote} problem=${action.problem} />
    <div class="row"><button class="button main" disabled=${amount === undefined || action.busy}>${t("change_rate")}</button>
      <button type="button" class="button" onClick=${close}>${t("back")}</button></div></form></${Dialog}>`;
}
