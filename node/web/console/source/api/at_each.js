/// One command for several servers, one after another: what one refuses keeps it from no other.
import { t } from "../base/language.js";

/// `give(server)`. Throws what was refused, with the servers that did.
export async function atEach(servers, give) {
  const refused = [];
  for (const server of servers)
    try {
      await give(server);
    } catch (problem) {
      refused.push({ server, problem });
    }
  if (!refused.length) return;
  const [{ problem }] = refused;
  if (servers.length > 1)
    problem.message = [
      t("done_at_some", { some: servers.length - refused.length, all: servers.length }),
      ...refused.map(one => `${one.server}: ${one.problem.message}`),
    ].join("\n");
  throw problem;
}
