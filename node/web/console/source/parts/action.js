/// A button for something that takes a while and may fail: it says that it is at work, and what went wrong.
import { html, useState } from "../base/html.js";
import { ProblemNote } from "./problem_note.js";
import { Confirm } from "./dialog.js";

/// Runs `step` and keeps whether it is at work and what its problem was.
export function useAction(step) {
  const [state, put] = useState({ busy: false, problem: null });
  async function run(...given) {
    put({ busy: true, problem: null });
    try {
      const result = await step(...given);
      put({ busy: false, problem: null });
      return result;
    } catch (problem) {
      put({ busy: false, problem });
      return undefined;
    }
  }
  return { ...state, run, clear: () => put({ busy: false, problem: null }) };
}

/// `ask`: {title, text} to ask before.
export function ActionButton({ children, step, kind = "", ask, name, disabled }) {
  const action = useAction(step);
  const [asking, setAsking] = useState(false);
  return html`<span class="row">
    <button type="button" class="button ${kind}" data-action=${name} disabled=${disabled || action.busy} aria-busy=${action.busy}
      onClick=${() => (ask ? setAsking(true) : action.run())}>${children}</button>
    ${action.problem ? html`<${ProblemNote} problem=${action.problem} />` : null}
    ${asking ? html`<${Confirm} ...${ask} action=${children} act=${action.run} close=${() => setAsking(false)} />` : null}
  </span>`;
}
