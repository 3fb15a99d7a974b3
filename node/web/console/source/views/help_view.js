/// The first run in three steps, and the keys.
import { html } from "../base/html.js";
import { t } from "../base/language.js";
import { isManager, may, maySend } from "../api/session.js";

/// From nothing to a file that was sent.
export function FirstSteps() {
  const step = (name, to) =>
    html`<li key=${name}><strong>${t(`step_${name}`)}</strong><span class="muted">${t(`step_${name}_says`)} ${to
      ? html`<a href=${to}>${t(`step_${name}_link`)}</a>` : null}</span></li>`;
  return html`<section class="card" data-steps><ol class="steps">
    ${step("draw", isManager() && may("manage") ? "#/edit" : "")}${step("define", "#/files")}${step("send", maySend() ? "#/send" : "")}
    </ol></section>`;
}

export function HelpView() {
  return html`<div class="page"><header><h1>${t("first_steps")}</h1></header><${FirstSteps} />
    <section class="card stack"><h2>${t("keys")}</h2><dl class="facts">${["find", "arrows", "zoom", "escape"].map(name => html`<dt>
      <kbd>${t(`key_${name}`)}</kbd></dt><dd>${t(`key_${name}_does`)}</dd>`)}</dl></section></div>`;
}
