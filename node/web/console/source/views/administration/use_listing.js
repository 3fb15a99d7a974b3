/// One listing of the node, asked for at the start and again after each change.
import { useEffect, useRef, useState } from "../../base/html.js";
import { useAction } from "../../parts/action.js";

export function useListing(step, depends = []) {
  const [answer, put] = useState(null);
  const turn = useRef(0);
  const look = useAction(async () => {
    const mine = ++turn.current;
    const said = await step();
    if (mine === turn.current) put(said); // else something else is asked for by now
  });
  useEffect(() => {
    look.run();
  }, depends);
  return { answer, problem: look.problem, again: look.run };
}
