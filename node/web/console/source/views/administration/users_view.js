/// The accounts of servers: who may what, for which files; new ones, changes, passwords. What is changed at several is at each of them.
import { html, useState } from "../../base/html.js";
import { t } from "../../base/language.js";
import { moment } from "../../base/format.js";
import { ask } from "../../api/client.js";
import { atEach } from "../../api/at_each.js";
import { session } from "../../api/session.js";
import { accountRows } from "../../model/accounts.js";
import { ActionButton, useAction } from "../../parts/action.js";
import { Dialog } from "../../parts/dialog.js";
import { Lacking } from "../../parts/lacking.js";
import { ProblemNote } from "../../parts/problem_note.js";
import { Table } from "../../parts/table.js";
import { useListing } from "./use_listing.js";
import { PlaceChoice, usePlace } from "./use_place.js";

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

/// What changed at some is shown, also where others refused.
async function changeAt(place, servers, done, verb, body) {
  try {
    await atEach(servers, server => ask("POST", `/users/${verb}`, { body: { ...body, ...place.field(server) } }));
  } finally {
    done();
  }
}

const namesOf = servers => servers.join(", ");

function UserDialog({ user, place, close, done }) {
  const [name, setName] = useState(user?.user ?? "");
  const [password, setPassword] = useState("");
  const [rights, setRights] = useState(user?.rights ?? ["view"]);
  const [limited, setLimited] = useState((user?.transfers ?? []).join(", "));
  const action = useAction(async () => {
    const common = { user: name, rights: rights.join(",") };
    const files = listOf(limited);
    if (user) await changeAt(place, user.at, done, "set", { ...common, transfers: files });
    else await changeAt(place, place.meant, done, "add", { ...common, password, ...(files.length ? { transfers: files } : {}) });
    close();
  });
  const title = user
    ? t("change_user", { user: user.user, server: namesOf(user.at) })
    : t("new_user", { server: place.name });
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

function PasswordDialog({ user, place, close, done }) {
  const [password, put] = useState("");
  const action = useAction(async () => {
    await changeAt(place, user.at, done, "passwd", { user: user.user, password });
    close();
  });
  const title = t("new_password_of", { user: user.user, server: namesOf(user.at) });
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
  const place = usePlace();
  const { answer, problem, again } = useListing(() => ask("GET", "/users/list", { query: { at: place.only } }), [place.only]);
  const [dialog, open] = useState(null);
  const close = () => open(null);
  const rows = accountRows((answer?.users ?? []).map(row => ({ ...row, node: row.node ?? place.name })));
  const remove = row => changeAt(place, row.at, again, "remove", { user: row.user });
  const everywhere = row => row.at.length === place.meant.length;
  return html`<section class="card stack"><div class="row"><h2 class="grow">${t("users_at", { server: place.name })}</h2>
    <${PlaceChoice} place=${place} /><button type="button" class="button main" data-action="add-user"
      disabled=${!place.meant.length} onClick=${() => open({ kind: "add" })}>${t("add_user")}</button></div>
    <${ProblemNote} problem=${problem} /><${Lacking} missing=${answer?.missing} />${
      answer
        ? html`<${Table} caption=${t("tab_users")} rows=${rows} keyOf=${row => row.key} columns=${[
            { key: "user", text: t("user"), cell: row => html`<strong>${row.user}</strong>` },
            ...(place.all.length
              ? [
                  {
                    key: "server",
                    text: t("at_server"),
                    cell: row => html`<span class="breaks">${everywhere(row) && !place.only ? t("all_servers") : namesOf(row.at)}</span>`,
                  },
                ]
              : []),
            { key: "rights", text: t("rights"), cell: row => (row.rights ?? []).map(right => t(`right_${right}`)).join(", ") },
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
              cell: row => html`<div class="row"><button type="button" class="button" data-change=${row.key}
                onClick=${() => open({ kind: "set", user: row })}>${t("change")}</button><button type="button" class="button"
                data-password=${row.key} onClick=${() => open({ kind: "password", user: row })}>${t("password")}</button>
        <${ActionButton} name=${`remove-${row.key}`} kind="danger" step=${() => remove(row)} ask=${{
          title: t("remove"),
          text: t("remove_user_asks", { user: row.user, server: namesOf(row.at) }),
        }}>${t("remove")}</${ActionButton}></div>`,
            },
          ]} />`
        : html`<p class="muted">${t("loading")}</p>`
    }
    ${
      dialog?.kind === "password"
        ? html`<${PasswordDialog} user=${dialog.user} place=${place} close=${close} done=${again} />`
        : dialog
          ? html`<${UserDialog} user=${dialog.user} place=${place} close=${close} done=${again} />`
          : null
    }</section>`;
}
