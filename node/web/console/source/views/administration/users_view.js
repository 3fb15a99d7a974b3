/// The accounts of a server: who may what, for which files; new ones, changes, passwords.
import { html, useState } from "../../base/html.js";
import { t } from "../../base/language.js";
import { moment } from "../../base/format.js";
import { ask } from "../../api/client.js";
import { session } from "../../api/session.js";
import { ActionButton, useAction } from "../../parts/action.js";
import { Dialog } from "../../parts/dialog.js";
import { ProblemNote } from "../../parts/problem_note.js";
import { Table } from "../../parts/table.js";
import { useListing } from "./use_listing.js";

const RIGHTS = ["view", "transfer", "manage", "users"];
const listOf = text => text.split(/[\s,]+/).filter(Boolean);

/// Rights that nobody can give who has not got them are not offered.
export function RightsField({ rights, put }) {
  const own = session.get().account?.rights ?? [];
  return html`<fieldset class="row"><legend class="small muted">${t("rights")}</legend>${RIGHTS.map(
    right => html`<label class="check" key=${right}><input type="checkbox" name=${`right-${right}`}
      checked=${rights.includes(right)} disabled=${!own.includes(right)}
    onChange=${() => put(rights.includes(right) ? rights.filter(one => one !== right) : [...rights, right])} />
      ${t(`right_${right}`)}</label>`,
  )}</fieldset>`;
}

function UserDialog({ user, server, close, done }) {
  const [name, setName] = useState(user?.user ?? "");
  const [password, setPassword] = useState("");
  const [rights, setRights] = useState(user?.rights ?? ["view"]);
  const [limited, setLimited] = useState((user?.transfers ?? []).join(", "));
  const action = useAction(async () => {
    const common = { user: name };
    if (!user)
      await ask("POST", "/users/add", {
        body: {
          ...common,
          password,
          rights: rights.join(","),
          ...(listOf(limited).length ? { transfers: listOf(limited) } : {}),
        },
      });
    else await ask("POST", "/users/set", { body: { ...common, rights: rights.join(","), transfers: listOf(limited) } });
    close();
    done();
  });
  const title = user ? t("change_user", { user: user.user, server }) : t("new_user", { server });
  return html`<${Dialog} title=${title} close=${close}><form class="body" onSubmit=${event => {
    event.preventDefault();
    action.run();
  }}><h2>${title}</h2>
    ${
      user
        ? null
        : html`<label class="field">${t("user")}<input name="new-user" autofocus required autocomplete="off" value=${name}
          onInput=${event => setName(event.target.value)} /></label>
      <label class="field">${t("password")}<input name="new-password" type="password" required autocomplete="new-password"
        value=${password} onInput=${event => setPassword(event.target.value)} /></label>`
    }
    <${RightsField} rights=${rights} put=${setRights} />
    <label class="field">${t("limited_to")}<input name="limited" value=${limited} placeholder=${t("all_files")}
      onInput=${event => setLimited(event.target.value)} /></label>
    <${ProblemNote} problem=${action.problem} /><div class="row"><button class="button main"
      disabled=${action.busy || !rights.length}>${t("save")}</button><button type="button" class="button" onClick=${close}>
      ${t("back")}</button></div></form></${Dialog}>`;
}

function PasswordDialog({ user, server, close }) {
  const [password, put] = useState("");
  const action = useAction(async () => {
    await ask("POST", "/users/passwd", { body: { user, password } });
    close();
  });
  const title = t("new_password_of", { user, server });
  return html`<${Dialog} title=${title} close=${close}><form class="body" onSubmit=${event => {
    event.preventDefault();
    action.run();
  }}><h2>${title}</h2>
    <label class="field">${t("password")}<input name="new-password" type="password" autofocus required autocomplete="new-password"
      value=${password} onInput=${event => put(event.target.value)} /></label>
    <${ProblemNote} problem=${action.problem} /><div class="row"><button class="button main" disabled=${action.busy}>${t("save")}
      </button><button type="button" class="button" onClick=${close}>${t("back")}</button></div></form></${Dialog}>`;
}

export function UsersView() {
  const server = session.get().account.node;
  const { answer, problem, again } = useListing(() => ask("GET", "/users/list"));
  const [dialog, open] = useState(null);
  const close = () => open(null);
  const remove = user => ask("POST", "/users/remove", { body: { user } }).then(again);
  return html`<section class="card stack"><div class="row"><h2 class="grow">${t("users_at", { server })}</h2>
    <button type="button" class="button main" data-action="add-user" onClick=${() => open({ kind: "add" })}>${t("add_user")}
      </button></div>
    <${ProblemNote} problem=${problem} />${
      answer
        ? html`<${Table} caption=${t("tab_users")} rows=${answer.users ?? []} keyOf=${row => row.user} columns=${[
            { key: "user", text: t("user"), cell: row => html`<strong>${row.user}</strong>` },
            { key: "rights", text: t("rights"), cell: row => row.rights.map(right => t(`right_${right}`)).join(", ") },
            {
              key: "files",
              text: t("limited_to"),
              cell: row => (row.transfers?.length ? row.transfers.join(", ") : t("all_files")),
            },
            { key: "made", text: t("made"), cell: row => moment(row.made, true) },
            { key: "failures", text: t("wrong_passwords"), number: true, cell: row => row.failures },
            {
              key: "actions",
              text: t("actions"),
              cell: row => html`<div class="row"><button type="button" class="button" data-change=${row.user}
                onClick=${() => open({ kind: "set", user: row })}>${t("change")}</button><button type="button" class="button"
                onClick=${() => open({ kind: "password", user: row.user })}>${t("password")}</button>
        <${ActionButton} name=${`remove-${row.user}`} kind="danger" step=${() => remove(row.user)}
          ask=${{ title: t("remove"), text: t("remove_user_asks", { user: row.user, server }) }}>${t("remove")}</${ActionButton}>
          </div>`,
            },
          ]} />`
        : html`<p class="muted">${t("loading")}</p>`
    }
    ${
      dialog?.kind === "add"
        ? html`<${UserDialog} server=${server} close=${close} done=${again} />`
        : dialog?.kind === "set"
          ? html`<${UserDialog} user=${dialog.user} server=${server} close=${close} done=${again} />`
          : dialog
            ? html`<${PasswordDialog}
      user=${dialog.user} server=${server} close=${close} />`
            : null
    }</section>`;
}
