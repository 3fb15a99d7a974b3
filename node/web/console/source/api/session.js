/// Who is logged in at this page, and at which servers. A lost session stays lost: only the user logs in again.
import { makeStore } from "../base/store.js";
import { ask, refused, setCsrf } from "./client.js";

/// state: unknown (the page has just begun), out, in, over (was in; what he was at stays on the page). `servers`: rows of sessions.
export const session = makeStore({ state: "unknown", account: null, servers: [], why: "" });

function begin(account, servers = session.get().servers) {
  setCsrf(account.csrf);
  session.change({ state: "in", account, servers, why: "" });
}

export async function resume() {
  try {
    begin(await ask("GET", "/account"));
    await lookAtServers();
  } catch (problem) {
    session.change({ state: "out", why: problem.status === 401 ? "" : problem.message });
  }
}

/// Throws the problem if nobody was let in; its body may have `sessions`, a row a server.
export async function login(user, password) {
  const account = await ask("POST", "/login", { body: { user, password } });
  begin(account, account.sessions ?? []);
  return account.sessions ?? [];
}

/// `everywhere`: the sessions with the servers end too, else only this page's.
export async function logout(everywhere) {
  await ask("POST", "/logout", { body: everywhere ? { sessions: true } : {} });
  session.set({ state: "out", account: null, servers: [], why: "" });
}

export async function lookAtServers() {
  if (session.get().account?.role !== "manager") return;
  const { sessions = [] } = await ask("GET", "/sessions");
  session.change({ servers: sessions });
}

refused.follow(() => {
  if (session.get().state === "in") session.change({ state: "over" });
});

export const may = right => session.get().account?.rights?.includes(right) ?? false;
export const isManager = () => session.get().account?.role === "manager";
/// The console sends, steers and defines at a manager; elsewhere it shows.
export const maySend = () => isManager() && may("transfer");
