/// A failure as a sentence: what happened, where, and what would help.
import { html } from "../base/html.js";
import { t } from "../base/language.js";
import { words } from "../base/words.js";

export const helpFor = code => (words[`help_${code}`] ? t(`help_${code}`) : "");

/// A code of errors.md inside of a reason that the node wrote as one line: it has none, so the words decide.
const SAYS = [
  [/refused|reset|silent|link was lost/i, "hop-down"],
  [/unreachable|no answer|timed out/i, "line-down"],
  [/no space|quota/i, "no-space"],
  [/no definition/i, "unknown-file"],
  [/does not exist|no such file/i, "file-missing"],
  [/permission|not a regular/i, "file-denied"],
  [/changed while/i, "file-changed"],
  [/exists already|is there already/i, "file-exists"],
  [/cancelled/i, "cancelled"],
];
const codeOf = reason => SAYS.find(([pattern]) => pattern.test(reason ?? ""))?.[1] ?? "failed";
const hopOf = reason => /\(at ([^()]+)\)\s*$/.exec(reason ?? "")?.[1];

export function ProblemNote({ problem, children }) {
  if (!problem) return null;
  const code = problem.code ?? "failed";
  return html`<div class="note wrong" role="alert" data-code=${code}>
    <strong>${problem.message}</strong>
    ${problem.hop && !problem.message.includes(problem.hop) ? html` <span>(${problem.hop})</span>` : null}
    ${helpFor(code) ? html`<p class="small">${helpFor(code)}</p>` : null}
    ${children}
  </div>`;
}

export function ReasonNote({ reason, code = codeOf(reason) }) {
  return html`<${ProblemNote} problem=${{ message: reason, code, hop: hopOf(reason) }} />`;
}
