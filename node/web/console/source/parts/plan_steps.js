/// What each hop is told, in order, as `hublink plan` prints it.
import { html } from "../base/html.js";
import { named, t } from "../base/language.js";
import { Table } from "./table.js";

export function PlanSteps({ plan }) {
  const told = step =>
    [
      step.told?.file,
      step.told?.destination && `→ ${[step.told.destination].flat().join(", ")}`,
      step.told?.source && `← ${step.told.source}`,
    ]
      .filter(Boolean)
      .join(" ");
  return html`<${Table} caption=${t("told_table")} rows=${(plan.steps ?? []).map((step, at) => ({ ...step, at: at + 1 }))}
    keyOf=${step => step.at} empty=${t("no_hops")} columns=${[
    { key: "at", text: "#", number: true, cell: step => step.at },
    { key: "node", text: t("node"), cell: step => step.node },
    {
      key: "hop",
      text: t("next_hop"),
      cell: step => html`<strong>${step.hop}</strong> <span class="muted small">${named("by", step.by)}</span>`,
    },
    { key: "told", text: t("told"), cell: step => told(step) || "–" },
    {
      key: "fallback",
      text: t("fallback"),
      cell: step =>
        [step.fallback ?? []]
          .flat()
          .map(one => one.hop ?? one)
          .join(", "),
    },
  ]} />`;
}

/// Where it parts: of an automatic placement with the reason, else as its definition says.
export function pointOf(definition, plan, receivers) {
  if (plan?.broadcast_point) return plan.broadcast_point;
  const server = definition.broadcast_at ?? (receivers.length > 1 ? definition.via?.at(-1) : undefined);
  return server ? { server } : null;
}

export function PointReason({ point }) {
  if (!point) return null;
  return html`<div class="note" data-point=${point.server}><strong>${t("parts_at", { server: point.server })}</strong>${point.why
    ? html`<div class="small muted breaks">${point.why}</div>` : null}</div>`;
}

export function PlanFailures({ failures }) {
  return (failures ?? []).map(
    one =>
      html`<div class="note wrong" role="alert" key=${one.text}><strong>${one.text}</strong>${one.hop
        ? html` <span>(${one.hop})</span>` : null}</div>`,
  );
}
