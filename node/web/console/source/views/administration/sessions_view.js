/// Where the user is in, as it happens; the three reasons why not, each with its hop; log in again; log out.
import { html, useState } from "../../base/html.js";
import { t } from "../../base/language.js";
import { useStore } from "../../base/store.js";
import { logout, session } from "../../api/session.js";
import { ActionButton } from "../../parts/action.js";
import { LoginAgain, LoginResult, ServerList } from "../login_view.js";

export function SessionsView() {
  const servers = useStore(session, value => value.servers);
  const account = useStore(session, value => value.account);
  const [again, setAgain] = useState(false);
  const [result, put] = useState(null);
  return html`<section class="card stack"><h2>${t("sessions_of", { user: account.user })}</h2>
    ${servers.length ? html`<${ServerList} rows=${servers} from=${account.node} />` : html`<p class="empty">${t("in_nowhere")}</p>`}
    <div class="row top"><button type="button" class="button" onClick=${() => setAgain(true)}>${t("log_in_again")}</button>
      <${ActionButton} name="logout-all" step=${() => logout(true)}
        ask=${{ title: t("log_out_everywhere"), text: t("log_out_asks") }}>${t("log_out_everywhere")}</${ActionButton}>
        <a class="button" href="#/map">${t("on_the_map")}</a></div>
    ${again ? html`<${LoginAgain} title=${t("log_in_again")} put=${put} close=${() => setAgain(false)} />` : null}${
      result ? html`<${LoginResult} rows=${result} close=${() => put(null)} />` : null
    }</section>`;
}
