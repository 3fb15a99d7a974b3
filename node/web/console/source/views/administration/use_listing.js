/// One listing of the node, asked for at the start and again after each change.
import { useEffect, useState } from "../../base/html.js";
import { useAction } from "../../parts/action.js";

export function useListing(step, depends = []) {
  const [answer, put] = useState(null);
  const look = useAction(async () => put(await step()));
  useEffect(() => {
    look.run();
  }, depends);
  return { answer, problem: look.problem, again: look.run };
}
