/// The way of one file as the node computes it: of the draft's topology, or of the one that is applied.
import { useEffect, useState } from "../base/html.js";
import { ask } from "../api/client.js";

export function usePlan(file, topologyText) {
  const [state, put] = useState({ plan: null, problem: null, of: "" });
  const of = `${file} ${topologyText ?? ""}`;
  useEffect(() => {
    if (!file) return put({ plan: null, problem: null, of });
    let here = true;
    ask("POST", "/plan", { body: { file, ...(topologyText === undefined ? {} : { topology: topologyText }) } }).then(
      answer => here && put({ plan: answer.plan, problem: null, of }),
      problem => here && put({ plan: null, problem, of }),
    );
    return () => {
      here = false;
    };
  }, [of]);
  return { ...state, fresh: state.of === of };
}
