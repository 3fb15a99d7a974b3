/// A one-time code for a node that makes its key itself; shown once, with what to type there.
import { html, useState } from "../../base/html.js";
import { t } from "../../base/language.js";
import { moment } from "../../base/format.js";
import { ask } from "../../api/client.js";
import { invited, joinCommand } from "../../model/invitations.js";
import { useAction } from "../../parts/action.js";
import { Dialog } from "../../parts/dialog.js";
import { ProblemNote } from "../../parts/problem_note.js";

const choose = event => event.target.select();

function Made({ topology, made, close }) {
  return html`<${Dialog} title=${t("invitation")} close=${close}><div class="body"><h2>${t("invitation_of", { node: made.node })}</h2>
    <p>${t("invitation_once", { node: made.node, until: moment(made.until, true) })}</p>
    <label class="field">${t("code")}<input name="code" readonly value=${made.code} onFocus=${choose} /></label>
    <label class="field">${t("type_there")}<textarea name="command" readonly rows="3" onFocus=${choose}
      value=${joinCommand(topology, made.node, made.code)}></textarea></label>
    <div class="row"><button type="button" class="button main" onClick=${close}>${t("kept_it")}</button></div></div></${Dialog}>`;
}

export function InviteDialog({ topology, close }) {
  const names = invited(topology);
  const [node, setNode] = useState(names[0] ?? "");
  const [days, setDays] = useState("730");
  const [made, setMade] = useState(null);
  const action = useAction(async () => setMade(await ask("POST", "/invite", { body: { node, days: Number(days) } })));
  if (made) return html`<${Made} topology=${topology} made=${made} close=${close} />`;
  return html`<${Dialog} title=${t("invite")} close=${close}><form class="body" onSubmit=${event => {
    event.preventDefault();
    action.run();
  }}><h2>${t("invite")}</h2><p class="muted">${t("invite_says")}</p>
    <label class="field">${t("node")}<select name="invited" autofocus value=${node} onChange=${event => setNode(event.target.value)}>
      ${names.map(name => html`<option key=${name} value=${name}>${name}</option>`)}</select></label>
    <label class="field">${t("valid_days")}<input name="days" type="number" min="1" max="3650" value=${days}
      onInput=${event => setDays(event.target.value)} /></label>
    <${ProblemNote} problem=${action.problem} /><div class="row"><button class="button main" disabled=${action.busy || !node}>
      ${t("make_code")}</button><button type="button" class="button" onClick=${close}>${t("back")}</button></div></form></${Dialog}>`;
}
