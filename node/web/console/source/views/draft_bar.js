/// The bar over everything that edits: how many changes, how many problems; undo, redo, import, export, apply, throw away.
import { html, useRef } from "../base/html.js";
import { t } from "../base/language.js";
import { State } from "../base/icons.js";
import { useStore } from "../base/store.js";
import { draft, isChecked, isStale, redo, replaceAll, settleClash, textOf, throwAway, undo } from "../api/draft_store.js";
import { network } from "../api/watch.js";
import { differences } from "../model/draft.js";
import { ActionButton } from "../parts/action.js";

function exportFile() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([textOf(draft.get().now) + "\n"], { type: "application/json" }));
  link.download = `${draft.get().now.network || "network"}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/// `whole`: it is about all of the topology, which can be brought and taken as a file.
export function DraftBar({ title, whole, children }) {
  const { now, past, future, problems, problem, clash } = useStore(draft);
  useStore(network, value => value.version);
  const input = useRef(null);
  const changes = now ? differences(draft.get()).length : 0;
  async function importFile() {
    const text = await input.current.files[0].text();
    input.current.value = "";
    try {
      const topology = JSON.parse(text);
      if (typeof topology !== "object" || topology === null || Array.isArray(topology)) throw new Error(t("no_object"));
      replaceAll(topology);
    } catch (wrong) {
      draft.change({ problem: { message: t("no_json", { reason: wrong.message }) } });
    }
  }
  return html`<div class="top draft-bar"><h1>${title}</h1>
    <span class="row" role="status" data-changes=${changes} data-problems=${problems.length} data-checked=${isChecked()}><${State}
      tone=${changes ? "waiting" : "good"}>${changes ? t("changes", { count: changes }) : t("no_changes")}</${State}>
      ${problems.length ? html`<a href="#/edit?problems=1"><${State} tone="wrong">${t("problems", { count: problems.length })}
        </${State}></a>` : isChecked() ? html`<${State} tone="good">${t("no_problems")}</${State}>` : null}</span>
    ${children}<span class="grow"></span>
    <button type="button" class="button" data-action="undo" aria-label=${t("undo")} title=${t("undo")} disabled=${!past.length}
      onClick=${undo}>↶</button>
    <button type="button" class="button" data-action="redo" aria-label=${t("redo")} title=${t("redo")} disabled=${!future.length}
      onClick=${redo}>↷</button>
    ${whole ? html`<button type="button" class="button" onClick=${() => input.current.click()}>${t("import")}</button>
      <input ref=${input} type="file" accept=".json,application/json" hidden aria-label=${t("import")} onChange=${importFile} />
      <button type="button" class="button" data-action="export" onClick=${exportFile}>${t("export")}</button>` : null}
    ${changes ? html`<${ActionButton} name="throw-away" step=${async () => throwAway()}
      ask=${{ title: t("throw_away"), text: t("throw_away_asks", { count: changes }) }}>${t("throw_away")}</${ActionButton}>`
      : null}
    <a class="button main" href="#/apply" data-action="apply">${t("apply_dots")}</a>
    ${problem ? html`<p class="mistake" role="alert">${problem.message}</p>` : null}
    ${clash ? html`<div class="note waiting row" role="alert" data-clash><span class="grow">${t("draft_clash")}</span>
      <${ActionButton} name="take-other" step=${() => settleClash(false)}>${t("take_other_draft")}</${ActionButton}>
      <${ActionButton} name="keep-own" step=${() => settleClash(true)}>${t("keep_this_draft")}</${ActionButton}></div>` : null}
    ${changes && isStale() ? html`<div class="note waiting" role="alert">${t("draft_stale")}</div>` : null}
  </div>`;
}
