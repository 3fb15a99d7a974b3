/// One request to the node that served this page. Every failure is a `Problem` with its code, hop and what would help.
import { makeStore } from "../base/store.js";

const ROOT = "/api/v1",
  KEPT_ALIVE = 30000; // what browsers still send of a page that is left

class Problem extends Error {
  constructor(status, body = {}) {
    super(body.detail ?? body.reason ?? body.title ?? String(status));
    this.status = status;
    this.code = body.code ?? (status === 0 ? "offline" : "failed");
    this.hop = body.hop;
    this.body = body;
  }
}

/// The token that a changing request has to show; it came with the login.
let csrf = "";
export const setCsrf = token => {
  csrf = token ?? "";
};

/// Set when the node says that nobody is logged in here any more. Nobody logs in again but the user.
export const refused = makeStore(0);

async function send(method, path, body, headers) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  try {
    return await fetch(path, {
      method,
      headers: {
        accept: "application/json",
        ...(method === "GET" ? {} : { "x-hublink-csrf": csrf }),
        ...(text === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: text,
      keepalive: text?.length < KEPT_ALIVE,
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch (wrong) {
    throw new Problem(0, { code: "offline", detail: String(wrong.message ?? wrong) });
  }
}

async function parsed(answer) {
  const text = await answer.text();
  if (!text) return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(answer.status, { code: "bad-message", detail: text.slice(0, 200) });
  }
}

/// `path` below /api/v1; `query` without what is empty.
export async function ask(method, path, { body, query, headers } = {}) {
  const kept = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== "");
  const tail = kept.length ? "?" + new URLSearchParams(kept) : "";
  const answer = await send(method, ROOT + path + tail, body, headers);
  const content = await parsed(answer);
  if (answer.ok) return content;
  if (answer.status === 401 && path !== "/login") refused.set(refused.get() + 1);
  throw new Problem(answer.status, content);
}

export const eventsPath = ROOT + "/events";
