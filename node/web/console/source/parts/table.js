/// A table whose heads sort, whose rows open, and that says what to do when it is empty.
import { html } from "../base/html.js";
import { t } from "../base/language.js";

/// `columns`: {key, text, cell(row), number?, sorts?}; `order`: {column, down}; `open(row)`: a row is a way to somewhere.
export function Table({ caption, columns, rows, keyOf, order, sort, open, empty, chosen }) {
  if (!rows.length) return html`<div class="empty">${empty ?? t("nothing_here")}</div>`;
  return html`<div class="scrolls" tabindex="0" role="region" aria-label=${caption}><table>
    <caption class="unseen">${caption}</caption>
    <thead><tr>${columns.map(
      column => html`<th key=${column.key} scope="col" class=${column.number ? "number" : ""}
        aria-sort=${order?.column === column.key ? (order.down ? "descending" : "ascending") : undefined}>
      ${column.sorts && sort ? html`<button type="button" onClick=${() => sort(column.key)}>
        ${column.text}${order?.column === column.key ? (order.down ? " ↓" : " ↑") : ""}</button>` : column.text}</th>`,
    )}</tr></thead>
    <tbody>${rows.map(
      row => html`<tr key=${keyOf(row)} class=${open ? "opens" : ""} data-row=${keyOf(row)}
        aria-current=${chosen !== undefined && chosen === keyOf(row) ? "true" : undefined}
        onClick=${
          open
            ? event => {
                if (!event.target.closest("a, button, input, select")) open(row);
              }
            : undefined
        }>
      ${columns.map(column => html`<td key=${column.key} class=${column.number ? "number" : ""}>${column.cell(row)}</td>`)}</tr>`,
    )}</tbody>
  </table></div>`;
}
