/// The form of the chosen node, line, gateway or group of the draft.
import { html } from "../base/html.js";
import { t } from "../base/language.js";
import { useStore } from "../base/store.js";
import { refine } from "../base/address.js";
import { draft, edit } from "../api/draft_store.js";
import { connect, disconnect, problemsAt, removeNode } from "../model/draft.js";
import { rename } from "../model/rename.js";
import { GATEWAY_FIELDS, nodeFields, write } from "../model/fields.js";
import { keepPlaces, places } from "../api/places.js";
import { FieldForm, elsewhere } from "../parts/form.js";
import { useTypedText } from "../parts/typed_text.js";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const namesOf = (topology, roles) =>
  Object.entries(topology.nodes ?? {})
    .filter(([, node]) => roles.includes(node.role))
    .map(([name]) => name)
    .sort();

export function NameField({ part, name, moved }) {
  const { now } = useStore(draft);
  const [text, put] = useTypedText(name);
  const wrong =
    text === name
      ? ""
      : !NAME.test(text)
        ? t("name_help")
        : text in (now[part] ?? {}) || (part === "nodes" && text in (now.groups ?? {}))
          ? t("name_taken")
          : "";
  const done = () => {
    if (wrong || text === name) return;
    const place = part === "nodes" && places.get().kept.get(name);
    if (place) keepPlaces(new Map([[text, place]]));
    edit(next => rename(next, part, name, text));
    moved(text);
  };
  return html`<label class="field">${t("name")}<input name="name" value=${text} aria-invalid=${Boolean(wrong)}
    onInput=${event => put(event.target.value)} onBlur=${done} onKeyDown=${event => {
    if (event.key === "Enter") done();
  }} />${wrong ? html`<span class="mistake">${wrong}</span>` : null}</label>`;
}

function Head({ title, close, remove }) {
  return html`<header><h2>${title}</h2>${remove ? html`<button type="button" class="button danger" data-action="remove"
    onClick=${remove}>${t("remove")}</button>` : null}<button type="button" class="button quiet" aria-label=${t("close")}
    onClick=${close}>✕</button></header>`;
}

const close = () => refine({ node: "", line: "", part: "", entry: "" });

function NodeForm({ name }) {
  const { now, problems } = useStore(draft);
  const node = now.nodes?.[name];
  if (!node) return html`<aside class="panel"><${Head} title=${name} close=${close} /><p>${t("not_there")}</p></aside>`;
  const fields = nodeFields(node.role);
  const own = problemsAt(problems, now, "nodes", name);
  const others = namesOf(now, ["server"]).filter(other => other !== name);
  const lines = others.filter(
    other => node.neighbours?.[other] !== undefined || now.nodes[other].neighbours?.[name] !== undefined,
  );
  return html`<aside class="panel" aria-label=${t("about", { name })} data-form=${name}>
    <${Head} title=${`${name} (${t(`role_${node.role}`)})`} close=${close}
      remove=${() => (edit(next => removeNode(next, name)), close())} />
    ${elsewhere(fields, own).map(problem => html`<p class="mistake" key=${problem.message}>${problem.message}</p>`)}
    <${NameField} part="nodes" name=${name} moved=${next => refine({ node: next })} />
    ${
      node.role === "server"
        ? html`<section><h3>${t("lines")}</h3><ul>${lines.map(
            other => html`<li class="row" key=${other}><button type="button" class="link grow"
              onClick=${() => refine({ line: [name, other].sort().join("~"), node: "" })}>${other}</button>
        <button type="button" class="button quiet" aria-label=${t("remove_line", { name: other })}
          onClick=${() => edit(next => disconnect(next, name, other))}>✕</button></li>`,
          )}</ul>
      <select aria-label=${t("add_line")} name="add-line" value=""
        onChange=${event => edit(next => connect(next, name, event.target.value))}><option value="">${t("add_line")}</option>
        ${others.filter(other => !lines.includes(other)).map(other => html`<option key=${other}>${other}</option>`)}</select>
        </section>`
        : null
    }
    <${FieldForm} fields=${fields} entry=${node} problems=${own}
      names=${roles => namesOf(now, roles).filter(other => other !== name)}
      put=${(path, value) => edit(next => write(next.nodes[name], path, value))} />
  </aside>`;
}

function LineForm({ line }) {
  const { now } = useStore(draft);
  const [a, b] = line.ends;
  const holder = now.nodes[a]?.neighbours?.[b] !== undefined ? [a, b] : [b, a];
  const value = now.nodes[holder[0]]?.neighbours?.[holder[1]];
  const cost = typeof value === "object" ? value.cost : value;
  const put = event => {
    const number = Number(event.target.value);
    edit(next => {
      const table = next.nodes[holder[0]].neighbours;
      if (typeof table[holder[1]] === "object") table[holder[1]].cost = number;
      else table[holder[1]] = number;
    });
  };
  return html`<aside class="panel" aria-label=${t("about", { name: line.ends.join(" – ") })}><${Head} title=${line.ends.join(" – ")}
    close=${close} remove=${() => (edit(next => disconnect(next, a, b)), close())} />
    ${line.home ? html`<p>${t("home_line")}</p>` : html`<label class="field">${t("cost_head")}<input type="number" min="1"
      name="cost" value=${cost} onChange=${put} /></label><p class="small muted">${t("cost_help")}</p>`}</aside>`;
}

function GatewayForm({ name }) {
  const { now, problems } = useStore(draft);
  const entry = now.gateways?.[name];
  if (!entry) return html`<aside class="panel"><${Head} title=${name} close=${close} /><p>${t("not_there")}</p></aside>`;
  const fields = GATEWAY_FIELDS.filter(field => !field.only || field.only === entry.protocol);
  const own = problemsAt(problems, now, "gateways", name);
  return html`<aside class="panel" aria-label=${t("about", { name })} data-form=${name}><${Head} title=${name} close=${close}
    remove=${() => (
    edit(next => {
      delete next.gateways[name];
    }),
    close()
  )} />
    ${elsewhere(fields, own).map(problem => html`<p class="mistake" key=${problem.message}>${problem.message}</p>`)}
    <${NameField} part="gateways" name=${name} moved=${next => refine({ entry: next })} />
    <${FieldForm} fields=${fields} entry=${entry} problems=${own} names=${roles => namesOf(now, roles)}
      put=${(path, value) => edit(next => write(next.gateways[name], path, value))} /></aside>`;
}

function GroupForm({ name }) {
  const { now, problems } = useStore(draft);
  const members = now.groups?.[name];
  if (!members) return html`<aside class="panel"><${Head} title=${name} close=${close} /><p>${t("not_there")}</p></aside>`;
  const own = problemsAt(problems, now, "groups", name);
  const turn = client =>
    edit(next => {
      next.groups[name] = members.includes(client) ? members.filter(one => one !== client) : [...members, client];
    });
  return html`<aside class="panel" aria-label=${t("about", { name })} data-form=${name}><${Head} title=${name} close=${close}
    remove=${() => (
    edit(next => {
      delete next.groups[name];
    }),
    close()
  )} />
    ${own.map(problem => html`<p class="mistake" key=${problem.message}>${problem.message}</p>`)}
    <${NameField} part="groups" name=${name} moved=${next => refine({ entry: next })} />
    <section><h3>${t("members")}</h3>${namesOf(now, ["client"]).map(client => html`<label class="check" key=${client}>
      <input type="checkbox" checked=${members.includes(client)} onChange=${() => turn(client)} />${client}</label>`)}</section>
      </aside>`;
}

export function EntryForm({ query, line }) {
  if (query.node) return html`<${NodeForm} name=${query.node} />`;
  if (line) return html`<${LineForm} line=${line} />`;
  return query.part === "gateways" ? html`<${GatewayForm} name=${query.entry} />` : html`<${GroupForm} name=${query.entry} />`;
}
