/// Check, then the difference for each node, then apply: each node's result as it comes.
import { html, useEffect, useState } from "../base/html.js";
import { named, t } from "../base/language.js";
import { State } from "../base/icons.js";
import { useStore } from "../base/store.js";
import { draft, isChecked, openDraft, settle, textOf } from "../api/draft_store.js";
import { keptEvents, live } from "../api/live.js";
import { askTopology, network, refresh } from "../api/watch.js";
import { ask } from "../api/client.js";
import { placeOf } from "../model/draft.js";
import { ActionButton, useAction } from "../parts/action.js";
import { ProblemNote } from "../parts/problem_note.js";
import { Table } from "../parts/table.js";
import { wordsOfPlace } from "./place_words.js";

const tones = { applied: "good", unchanged: "good", taken: "running", removed: "unknown" };
const toneOf = state => tones[state] ?? (state === "failed" || state === "refused" ? "wrong" : "waiting");

function Difference({ rows }) {
  const changed = rows.filter(row => row.reason || row.removed || row.changes?.length);
  if (!changed.length) return html`<p>${t("nothing_differs")}</p>`;
  return html`<${Table} caption=${t("difference")} rows=${changed} keyOf=${row => row.node} columns=${[
    { key: "node", text: t("node"), cell: row => html`<strong>${row.node}</strong>` },
    {
      key: "changes",
      text: t("what_changes"),
      cell: row =>
        row.removed
          ? t("node_removed")
          : row.reason
            ? html`<span class="mistake">${row.reason}</span>`
            : html`<ul class="changes">${row.changes.map(one => html`<li key=${one.op + one.path} class=${one.op}>
              <span class="unseen">${t(`op_${one.op}`)} </span>
              ${one.path.replace(/^\//, "").replaceAll("/", " › ").replaceAll("~1", "/").replaceAll("~0", "~")}</li>`)}</ul>`,
    },
  ]} />${rows.length > changed.length ? html`<p class="muted small">${t("same_nodes", { count: rows.length - changed.length })}</p>`
    : null}`;
}

/// While the answer is awaited, what nodes said by their events since then.
function useHeard(since) {
  useStore(live);
  if (!since) return new Map();
  return new Map(
    keptEvents()
      .filter(event => event.event === "definition" && event.time >= since)
      .map(event => [event.node, event]),
  );
}

function Results({ rows, heard, again }) {
  const failed = rows.filter(row => row.state === "failed");
  const shown = rows.length
    ? rows
    : [...heard.values()].map(event => ({ node: event.node, state: event.result, reason: event.reason }));
  return html`<section class="card stack" data-results=${rows.length}><h2>${t("results")}</h2>
    <${Table} caption=${t("results")} rows=${shown} keyOf=${row => row.node} empty=${t("waiting_for_nodes")} columns=${[
      { key: "node", text: t("node"), cell: row => html`<strong>${row.node}</strong>` },
      {
        key: "state",
        text: t("state"),
        cell: row => html`<${State} tone=${toneOf(row.state)}>${named("apply", row.state)}</${State}>`,
      },
      { key: "reason", text: t("reason"), cell: row => html`<span class="breaks">${row.reason ?? ""}</span>` },
    ]} />
    ${failed.length ? html`<div class="note waiting"><p>${t("apply_lacks", { count: failed.length })}</p><${ActionButton}
      name="apply-again" step=${again}>${t("try_again")}</${ActionButton}></div>` : null}</section>`;
}

export function ApplyView() {
  const { now, problems, checked } = useStore(draft);
  const loaded = useStore(network, value => value.at > 0);
  const [shown, setShown] = useState(null);
  const [results, setResults] = useState(null);
  const [since, setSince] = useState("");
  const heard = useHeard(since);
  useEffect(() => {
    if (loaded) openDraft();
  }, [loaded]);
  const text = now ? textOf(now) : "";
  const look = useAction(async () => {
    setResults(null);
    setShown(null);
    const answer = await ask("POST", "/apply", { body: { topology: text, dry_run: true } });
    setShown({ rows: answer.difference ?? [], hash: answer.hash, text });
  });
  useEffect(() => {
    if (now && isChecked() && !problems.length && !results && shown?.text !== text) look.run();
  }, [checked, text]);
  const apply = useAction(async () => {
    setSince(new Date().toISOString());
    const answer = await ask("POST", "/apply", { body: { topology: shown.text, hash: shown.hash } });
    await askTopology();
    settle();
    setResults(answer.nodes ?? []);
    refresh("status");
  });
  const again = async () => {
    const answer = await ask("POST", "/apply", { body: {} });
    const fresh = new Map((answer.nodes ?? []).map(row => [row.node, row]));
    setResults(old => old.map(row => fresh.get(row.node) ?? row));
    refresh("status");
  };
  if (!now) return html`<p class="empty">${t("loading")}</p>`;
  const ready = shown && shown.text === text && !problems.length;
  return html`<div class="page">
    <header><h1>${t("apply")}</h1><a class="button" href="#/edit">${t("back_to_draft")}</a></header>
    <section class="card stack"><h2>1. ${t("check")}</h2>${problems.length ? html`<ul class="ways-in">
      ${problems.map(problem => html`<li key=${problem.path + problem.message}><a href=${wordsOfPlace(placeOf(problem.path, now))}>
      <code class="breaks">${problem.path}</code></a><span class="mistake">${problem.message}</span></li>`)}</ul>` : isChecked()
      ? html`<${State} tone="good">${t("no_problems")}</${State}>` : html`<p class="muted">${t("loading")}</p>`}</section>
    <section class="card stack"><h2>2. ${t("difference")}</h2><${ProblemNote} problem=${look.problem} />${results
      ? html`<p class="muted">${t("done_below")}</p>` : shown ? html`<${Difference} rows=${shown.rows} />` : html`<p class="muted">
      ${problems.length ? t("plan_after_problems") : look.busy ? t("asking_nodes") : ""}</p>`}</section>
    <section class="card stack"><h2>3. ${t("apply")}</h2><p class="muted">${t("apply_says")}</p><div class="row">
      <button type="button" class="button main" data-action="apply-now" disabled=${!ready || apply.busy || Boolean(results)}
      onClick=${() => apply.run()}>${apply.busy ? t("applying") : t("apply_now")}</button></div>
      ${apply.problem ? html`<${ProblemNote} problem=${apply.problem}><button type="button" class="button"
        onClick=${() => (apply.clear(), look.run())}>${t("look_again")}</button></${ProblemNote}>` : null}</section>
    ${results || apply.busy ? html`<${Results} rows=${results ?? []} heard=${heard} again=${again} />` : null}
  </div>`;
}
