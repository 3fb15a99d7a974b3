/// The door: user and password; then what the login came to at each server, with the hop where it failed.
import { html, useEffect, useRef, useState } from "../base/html.js";
import { named, t } from "../base/language.js";
import { Icon, State } from "../base/icons.js";
import { login, session } from "../api/session.js";
import { useStore } from "../base/store.js";
import { ProblemNote, helpFor } from "../parts/problem_note.js";
import { Dialog } from "../parts/dialog.js";
import { useAction } from "../parts/action.js";
import { moment } from "../base/format.js";

export function Brand() {
  return html`<a class="brand" href="#/"><${Icon} name="brand" />hublink <span>${t("console")}</span></a>`;
}

/// One row a server: in, or why not and where. `from` is the manager itself.
export function ServerList({ rows, from }) {
  return html`<ul class="ways-in" aria-label=${t("servers")}>${rows.map(
    row => html`<li key=${row.server} data-server=${row.server} data-state=${row.state}>
    <div class="row"><strong class="grow">${row.server}</strong><${State}
      tone=${row.state === "in" ? "good" : row.state === "out" ? "unknown" : "wrong"}>${named("session", row.state)}</${State}>
      </div>
    ${row.state === "in" ? html`<span class="muted small">${t("in_since", { user: row.user, time: moment(row.since, true) })}
      </span>` : html`<${WhyNot} row=${row} from=${from} />`}
  </li>`,
  )}</ul>`;
}

function WhyNot({ row, from }) {
  const broken = row.code === "not-authenticated" ? [] : [row.hop];
  const names = [from, row.hop, row.server].filter((name, at, all) => name && all.indexOf(name) === at);
  return html`<span class="hops small" aria-label=${t("way_of_login")}>${names.map(
    (name, at) => html`${at ? html`<i>${names[at - 1] === row.hop && broken.length ? "✕" : "→"}</i>` : null}
      <span class=${(name === row.server && name !== row.hop) || (row.code === "not-authenticated" && name === row.server) ? "broken" : ""}>
        ${name}</span>`,
  )}</span>
    <span class="small breaks">${row.code ? html`<strong>${named("code", row.code)}.</strong> ` : null}${row.reason}</span>
    ${helpFor(row.code) ? html`<span class="muted small">${helpFor(row.code)}</span>` : null}`;
}

function LoginForm({ user: given, done }) {
  const [user, setUser] = useState(given ?? "");
  const [password, setPassword] = useState("");
  const first = useRef(null);
  const action = useAction(() => login(user, password));
  useEffect(() => first.current?.focus(), []);
  async function submit(event) {
    event.preventDefault();
    const rows = await action.run();
    if (rows) done(rows);
    else setPassword("");
  }
  return html`<form class="card" onSubmit=${submit} aria-label=${t("log_in")}>
    <${Brand} />
    <label class="field">${t("user")}<input ref=${given ? null : first} name="user" autocomplete="username" required value=${user}
      onInput=${event => setUser(event.target.value)} /></label>
    <label class="field">${t("password")}<input ref=${given ? first : null} name="password" type="password"
      autocomplete="current-password" required value=${password} onInput=${event => setPassword(event.target.value)} /></label>
    <button class="button main" disabled=${action.busy}>${action.busy ? t("logging_in") : t("log_in")}</button>
    ${action.problem ? html`<${ProblemNote} problem=${action.problem} />` : null}
    ${action.problem?.body?.sessions?.length ? html`<${ServerList} rows=${action.problem.body.sessions} />` : null}
  </form>`;
}

/// Before anybody is in. `put` shows what failed at single servers, which does not keep the user out of the others.
export function LoginView({ put }) {
  const why = useStore(session, value => value.why);
  return html`<main class="door">
    <div class="stack">${why ? html`<div class="note wrong" role="alert">${why}</div>` : null}
      <${LoginForm} done=${rows => put(rows.filter(row => row.state !== "in").length ? rows : null)} /></div>
  </main>`;
}

/// Over the page, when the session is over or the user wants to be in at more servers: nothing of the page is lost.
export function LoginAgain({ title, close, put }) {
  const user = useStore(session, value => value.account?.user);
  return html`<${Dialog} title=${title} close=${close} className="again"><div class="body"><h2>${title}</h2>
    <${LoginForm} user=${user} done=${rows => {
      put(rows.filter(row => row.state !== "in").length ? rows : null);
      close?.();
    }} />
    ${close ? html`<button type="button" class="button quiet" onClick=${close}>${t("back")}</button>` : null}</div></${Dialog}>`;
}

export function LoginResult({ rows, close }) {
  const inside = rows.filter(row => row.state === "in").length;
  return html`<${Dialog} title=${t("in_at_some", { some: inside, all: rows.length })} close=${close}><div class="body">
    <h2>${t("in_at_some", { some: inside, all: rows.length })}</h2>
    <${ServerList} rows=${rows} from=${session.get().account?.node} />
    <button type="button" class="button main" autofocus onClick=${close}>${t("go_on")}</button></div></${Dialog}>`;
}
