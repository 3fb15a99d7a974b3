/// Who is missing in a listing of several nodes, and why.
import { html } from "../base/html.js";
import { t } from "../base/language.js";

/// Servers that could not be asked, or had more to say.
export function Lacking({ missing }) {
  if (!missing?.length) return null;
  return html`<div class="note waiting" role="status">${missing.map(
    row => html`<div key=${row.node} class="breaks" data-lacks=${row.node}><strong>${row.node}</strong>: ${row.reason ?? t("not_asked")}</div>`,
  )}</div>`;
}
