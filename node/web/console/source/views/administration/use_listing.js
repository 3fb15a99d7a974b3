/// One listing of the node, asked for at the start and again after each change.
import { useEffect, useState } from "../../base/html.js";
import { useStore } from "../../base/store.js";
import { isManager, session } from "../../api/session.js";
import { useAction } from "../../parts/action.js";

export function useListing(step, depends = []) {
  const [answer, put] = useState(null);
  const look = useAction(async () => put(await step()));
  useEffect(() => {
    look.run();
  }, depends);
  return { answer, problem: look.problem, again: look.run };
}

/// The servers whose accounts can be seen: at a manager those where the user is in, elsewhere the node itself.
export function useServers() {
  const rows = useStore(session, value => value.servers);
  const account = useStore(session, value => value.account);
  return isManager() ? rows.filter(row => row.state === "in").map(row => row.server) : [account.node];
}

export const atOf = server => (isManager() ? { at: server } : {});
