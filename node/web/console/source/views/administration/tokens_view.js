/// Tokens of programs: what they may, how long; the token itself is shown once.
import { html, useState } from "../../base/html.js";
import { t } from "../../base/language.js";
import { moment } from "../../base/format.js";
import { ask } from "../../api/client.js";
import { ActionButton, useAction } from "../../parts/action.js";
import { Dialog } from "../../parts/dialog.js";
import { ProblemNote } from "../../parts/problem_note.js";
import { Table } from "../../parts/table.js";
import { useListing } from "./use_listing.js";
import { RightsField } from "./users_view.js";

function AddDialog({ close, done }) {
  const [name, setName] = useState("");
  const [rights, setRights] = useState(["view"]);
  const [days, setDays] = useState("90");
  const [made, setMade] = useState("");
  const action = useAction(async () => {
    const answer = await ask("POST", "/tokens/add", { body: { name, rights: rights.join(","), days: Number(days) } });
    setMade(answer.token.text);
    done();
  });
  if (made)
    return html`<${Dialog} title=${t("new_token")} close=${close}><div class="body"><h2>${t("new_token")}</h2><p>${t("token_once")}
      </p><label class="field">${t("token")}<input name="token" readonly value=${made} onFocus=${event => event.target.select()} />
      </label><div class="row"><button type="button" class="button main" onClick=${close}>${t("kept_it")}</button></div></div>
      </${Dialog}>`;
  return html`<${Dialog} title=${t("new_token")} close=${close}><form class="body" onSubmit=${event => {
    event.preventDefault();
    action.run();
  }}><h2>${t("new_token")}</h2>
    <label class="field">${t("name")}<input name="token-name" autofocus required value=${name}
      onInput=${event => setName(event.target.value)} /></label><${RightsField} rights=${rights} put=${setRights} />
    <label class="field">${t("valid_days")}<input name="days" type="number" min="1" max="3650" value=${days}
      onInput=${event => setDays(event.target.value)} /></label>
    <${ProblemNote} problem=${action.problem} /><div class="row"><button class="button main"
      disabled=${action.busy || !rights.length}>${t("make_token")}</button><button type="button" class="button" onClick=${close}>
      ${t("back")}</button></div></form></${Dialog}>`;
}

export function TokensView() {
  const { answer, problem, again } = useListing(() => ask("GET", "/tokens/list"));
  const [adding, add] = useState(false);
  const remove = name => ask("POST", "/tokens/remove", { body: { name } }).then(again);
  return html`<section class="card stack"><div class="row"><h2 class="grow">${t("tab_tokens")}</h2><button type="button"
    class="button main" data-action="add-token" onClick=${() => add(true)}>${t("new_token")}</button></div>
    <p class="muted">${t("tokens_say")}</p><${ProblemNote} problem=${problem} />
    ${
      answer
        ? html`<${Table} caption=${t("tab_tokens")} rows=${answer.tokens ?? []} keyOf=${row => row.name} empty=${t("no_tokens")}
          columns=${[
            { key: "name", text: t("name"), cell: row => html`<strong>${row.name}</strong>` },
            { key: "rights", text: t("rights"), cell: row => (row.rights ?? []).map(right => t(`right_${right}`)).join(", ") },
            { key: "until", text: t("until"), cell: row => moment(row.until, true) },
            { key: "used", text: t("last_used"), cell: row => (row.used ? moment(row.used, true) : t("never")) },
            {
              key: "actions",
              text: t("actions"),
              cell: row =>
                html`<${ActionButton} name=${`remove-${row.name}`} kind="danger" step=${() => remove(row.name)}
                  ask=${{ title: t("remove"), text: t("remove_token_asks", { name: row.name }) }}>${t("remove")}</${ActionButton}>`,
            },
          ]} />`
        : null
    }
    ${adding ? html`<${AddDialog} close=${() => add(false)} done=${again} />` : null}</section>`;
}
