/// A form made of the rows of model/fields: each field with its default in grey, and the sentence of `check` under what is wrong.
import { html } from "../base/html.js";
import { t } from "../base/language.js";
import { asText, fromText, read } from "../model/fields.js";
import { useTypedText } from "./typed_text.js";

/// `entry`: what is edited; `put(path, value)`; `problems`: {field, message}; `names`: for fields that name nodes.
export function FieldForm({ fields, entry, put, problems, names }) {
  const groups = [...new Set(fields.map(field => field.group))];
  return groups.map(group => {
    const rows = fields.filter(field => field.group === group);
    const used = rows.some(field => read(entry, field.path) !== undefined || mistakes(field, problems).length);
    const inside = rows.map(
      field =>
        html`<${Field} key=${field.path.join(".")} field=${field} value=${read(entry, field.path)}
          put=${value => put(field.path, value)} mistakes=${mistakes(field, problems)} names=${names} />`,
    );
    return group === "main"
      ? html`<div class="stack" key=${group}>${inside}</div>`
      : html`<details key=${group} open=${used}><summary>${t(`group_${group}`)}</summary><div class="stack">${inside}</div>
        </details>`;
  });
}

const mistakes = (field, problems) =>
  problems.filter(
    problem =>
      problem.field === field.path.join(".") ||
      problem.field.startsWith(field.path.join(".") + ".") ||
      problem.field.startsWith(field.path.join(".") + "["),
  );

/// Problems that no field of the form is about: they stand above it.
export const elsewhere = (fields, problems) =>
  problems.filter(problem => !fields.some(field => mistakes(field, [problem]).length));

function Field({ field, value, put, mistakes: wrong, names }) {
  const [text, setText] = useTypedText(asText(value, field.kind));
  const name = field.path.join(".");
  const label = field.path.join(".");
  const said = { name, "aria-invalid": wrong.length > 0, "aria-describedby": wrong.length ? `wrong-${name}` : undefined };
  const done = () => {
    const next = fromText(text, field.kind);
    if (JSON.stringify(next) !== JSON.stringify(value)) put(next);
  };
  const choose = event => put(fromText(event.target.value, field.kind));
  const options = field.kind === "names" ? names(field.roles) : (field.values ?? ["true", "false"]);
  let control;
  if (["choice", "names", "flag"].includes(field.kind))
    control = html`<select ...${said} value=${asText(value, field.kind)} onChange=${choose}><option value="">
      ${field.standard ? t("default_is", { value: field.standard }) : t("not_said")}</option>
      ${options.map(one => html`<option key=${one} value=${one}>${one}
        </option>`)}${value !== undefined && !options.includes(String(value)) ? html`<option value=${String(value)}>${String(value)}
        </option>` : null}</select>`;
  else if (field.kind === "json" || field.kind === "list")
    control = html`<textarea ...${said} rows=${Math.min(8, Math.max(field.kind === "json" ? 2 : 1, text.split("\n").length))}
      placeholder=${field.standard || t(field.kind === "json" ? "as_json" : "a_line_each")} value=${text}
      onInput=${event => setText(event.target.value)} onBlur=${done}></textarea>`;
  else
    control = html`<input ...${said} inputmode=${field.kind === "number" ? "decimal" : undefined} placeholder=${field.standard}
      value=${text} onInput=${event => setText(event.target.value)} onBlur=${done} onKeyDown=${event => {
      if (event.key === "Enter") done();
    }} />`;
  return html`<label class="field"><code>${label}</code>${control}<span id=${`wrong-${name}`}>
    ${wrong.map(problem => html`<span class="mistake" key=${problem.message}>${problem.message} </span>`)}</span></label>`;
}
