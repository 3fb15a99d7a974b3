/// Who is in; his language and colours; logout.
import { html, useEffect, useRef, useState } from "../base/html.js";
import { LANGUAGES, chooseLanguage, language, t } from "../base/language.js";
import { THEMES, chooseTheme, theme } from "../base/theme.js";
import { useStore } from "../base/store.js";
import { isManager, logout, session } from "../api/session.js";
import { ActionButton } from "../parts/action.js";
import { Icon } from "../base/icons.js";

export function UserMenu() {
  const account = useStore(session, value => value.account);
  const shown = useStore(theme);
  const [open, setOpen] = useState(false);
  const self = useRef(null);
  useEffect(() => {
    if (!open) return undefined;
    const away = event => {
      if (event.type === "keydown" ? event.key === "Escape" : !self.current.contains(event.target)) setOpen(false);
    };
    addEventListener("pointerdown", away);
    addEventListener("keydown", away);
    return () => (removeEventListener("pointerdown", away), removeEventListener("keydown", away));
  }, [open]);
  if (!account) return null;
  return html`<div class="menu" ref=${self}>
    <button type="button" class="button quiet" aria-expanded=${open} data-action="menu" onClick=${() => setOpen(!open)}><${Icon}
      name="administration" /><span class="who">${account.user}</span></button>
    ${
      open
        ? html`<div class="sheet stack" role="group" aria-label=${account.user}>
      <dl class="facts"><dt>${t("user")}</dt><dd>${account.user}</dd><dt>${t("node")}</dt><dd>
        ${account.node} (${t(`role_${account.role}`)})</dd>
        <dt>${t("rights")}</dt><dd>${(account.rights ?? []).map(right => t(`right_${right}`)).join(", ")}</dd>
        ${account.transfers?.length ? html`<dt>${t("limited_to")}</dt><dd>${account.transfers.join(", ")}</dd>` : null}</dl>
      <label class="field">${t("colours")}<select value=${shown} onChange=${event => chooseTheme(event.target.value)}>
        ${THEMES.map(name => html`<option value=${name}>${t(`theme_${name}`)}</option>`)}</select></label>
      <label class="field">${t("language")}<select value=${language()} onChange=${event => chooseLanguage(event.target.value)}>
        ${Object.entries(LANGUAGES).map(([name, text]) => html`<option value=${name}>${text}</option>`)}</select></label>
      <a href="#/help">${t("first_steps")}</a>
      <${ActionButton} name="logout" step=${() => logout(false)}>${t("log_out")}</${ActionButton}>
      ${isManager() ? html`<${ActionButton} name="logout-everywhere" step=${() => logout(true)}>${t("log_out_everywhere")}
        </${ActionButton}>` : null}
    </div>`
        : null
    }
  </div>`;
}
