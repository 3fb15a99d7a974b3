/// Sessions, users, tokens, certificates, audit.
import { html } from "../../base/html.js";
import { t } from "../../base/language.js";
import { useAddress } from "../../base/address.js";
import { isManager, may, session } from "../../api/session.js";
import { SessionsView } from "./sessions_view.js";
import { UsersView } from "./users_view.js";
import { TokensView } from "./tokens_view.js";
import { CertificatesView } from "./certificates_view.js";
import { AuditView } from "./audit_view.js";

/// Accounts and what was done by them are a server's.
const hasAccounts = () => session.get().account?.role === "server" && may("users");

const TABS = [
  { name: "sessions", view: SessionsView, only: isManager },
  { name: "certificates", view: CertificatesView },
  { name: "users", view: UsersView, only: hasAccounts },
  { name: "tokens", view: TokensView, only: () => may("users") },
  { name: "audit", view: AuditView, only: hasAccounts },
];

export function AdministrationView() {
  const { rest } = useAddress();
  const tabs = TABS.filter(tab => !tab.only || tab.only());
  const tab = TABS.find(one => one.name === rest[0]) ?? tabs[0];
  return html`<div class="page"><header><h1>${t("place_administration")}</h1></header>
    <nav class="row" aria-label=${t("place_administration")}>${tabs.map(
      one => html`<a key=${one.name} class="button"
      href=${`#/administration/${one.name}`} aria-current=${one === tab ? "true" : undefined}>${t(`tab_${one.name}`)}</a>`,
    )}</nav>
    ${tabs.includes(tab) ? html`<${tab.view} key=${tab.name} />` : html`<div class="note waiting">${t("not_your_right")}</div>`}
      </div>`;
}
